// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.Default;

/**
 * Section {@code gan.disc}: the discriminator of decoder training and how it trains.
 *
 * @param arch its architecture; null: the standard one
 * @param optimizer its optimiser, by the rules of the section {@code training}
 * @param scheduler its learning rate over time; null: constant
 * @param augment what its images go through; null: nothing
 */
public record DiscriminatorConfig(
        @Default("null") Config arch,
        @Default("{}") OptimizerConfig optimizer,
        @Default("null") SchedulerConfig scheduler,
        @Default("null") Config augment) {

    /** The training of a decoder with this optimiser and rate instead of its own; neither falls back to the decoder's. */
    public TrainingConfig training(TrainingConfig decoder) {
        return decoder.with(optimizer, scheduler);
    }
}
