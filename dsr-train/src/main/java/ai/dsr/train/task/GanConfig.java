// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.dsr.core.config.Default;
import ai.dsr.train.loss.GanLossConfig;
import ai.dsr.train.optim.DiscriminatorConfig;

/**
 * Section {@code gan}: a decoder trains by L1, LPIPS and a discriminator.
 *
 * @param disc the discriminator
 * @param loss the terms of the loss
 */
public record GanConfig(@Default("{}") DiscriminatorConfig disc, @Default("{}") GanLossConfig loss) {}
