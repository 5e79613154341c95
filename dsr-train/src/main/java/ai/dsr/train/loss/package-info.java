// SPDX-License-Identifier: Apache-2.0

/**
 * Losses of the decoder: {@link ai.dsr.train.loss.ReconstructionLoss}, or those of adversarial training:
 * {@link ai.dsr.train.loss.GanLoss} with {@link ai.dsr.train.loss.AdaptiveWeight}, on images that went through
 * {@link ai.dsr.train.loss.DiffAugment}. {@link ai.dsr.train.loss.GanLossConfig} says which and when.
 */
package ai.dsr.train.loss;
