// SPDX-License-Identifier: Apache-2.0

/**
 * What judges reconstructions while a decoder trains: a discriminator on the features of a frozen DINO transformer, and
 * the perceptual distance LPIPS on those of VGG-16.
 *
 * <p>Read {@link ai.dsr.encoders.critic.DinoDiscriminator} with {@link ai.dsr.encoders.critic.DinoBackbone} and
 * {@link ai.dsr.encoders.critic.DiscriminatorHead}, then {@link ai.dsr.encoders.critic.Lpips}. Losses and the training
 * itself are elsewhere: everything here maps images to numbers, with exact gradients for the images and, of the
 * discriminator, for its heads.
 *
 * <p>Images are {@code (B, 3, H, W)} in [-1, 1], of any size; nothing is clamped. Letters in shapes: B batch, T patches,
 * E width of the transformer, K activations besides the last one.
 */
package ai.dsr.encoders.critic;
