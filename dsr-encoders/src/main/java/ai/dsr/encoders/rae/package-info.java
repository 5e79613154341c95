// SPDX-License-Identifier: Apache-2.0

/**
 * The representation autoencoder (Zheng et al., 2025): a frozen vision encoder whose patch tokens are the latents, and a
 * transformer that turns them back into pixels.
 *
 * <p>Read {@link ai.dsr.encoders.rae.RAE} (encode and decode in order), then {@link ai.dsr.encoders.rae.LatentNormalizer},
 * {@link ai.dsr.encoders.rae.LatentNoise} and {@link ai.dsr.encoders.rae.ViTDecoder}.
 * {@link ai.dsr.encoders.rae.LatentStatistics} measures what the normaliser uses.
 *
 * <p>Letters in shapes: B batch, N tokens, C latent channels, h w latent grid, P decoder patches, D decoder width, p side
 * of a decoded patch. Images are {@code (B, 3, H, W)} in [0, 1]; nothing is clamped here. Latents are {@code (B, C, h, w)},
 * or {@code (B, N, C)} with {@code reshape_to_2d} off. Random numbers are arguments, drawn by the caller.
 */
package ai.dsr.encoders.rae;
