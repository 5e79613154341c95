// SPDX-License-Identifier: Apache-2.0

/**
 * The two things that are trained: the decoder of the autoencoder and the denoiser.
 *
 * <p>{@link ai.dsr.train.task.DenoiserTask} and {@link ai.dsr.train.task.DecoderTask} say what one batch means,
 * {@link ai.dsr.train.task.DenoiserLoss} what a denoiser is trained for, {@link ai.dsr.train.task.AdversarialLoss} what a decoder
 * and its discriminator are; {@link ai.dsr.train.task.DecoderInputs} feeds both of them;
 * {@link ai.dsr.train.task.Draws} is their only source of randomness.
 */
package ai.dsr.train.task;
