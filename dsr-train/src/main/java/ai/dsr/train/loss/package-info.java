// SPDX-License-Identifier: Apache-2.0

/** Losses of the decoder: {@link ai.dsr.train.loss.ReconstructionLoss}. */
package ai.dsr.train.loss;
