// SPDX-License-Identifier: Apache-2.0

/**
 * The optimiser: settings, learning rate, AdamW and the moving average.
 *
 * <p>Read {@link ai.dsr.train.optim.OptimizerConfig}, {@link ai.dsr.train.optim.LrSchedule},
 * {@link ai.dsr.train.optim.AdamW}, {@link ai.dsr.train.optim.Ema}. Values equal PyTorch's; steps count from 0, updates
 * from 1.
 */
package ai.dsr.train.optim;
