// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.config.Default;
import ai.dsr.encoders.critic.DinoDiscriminatorConfig;
import ai.dsr.train.loss.DiffAugment;

/**
 * Section {@code gan.disc}: the discriminator of decoder training and how it trains.
 *
 * @param arch its architecture
 * @param optimizer its optimiser, by the rules of the section {@code training}
 * @param scheduler its learning rate over its own updates; null: constant
 * @param augment what its images go through; null: nothing
 * @param baseLr learning rate where the optimiser has none, and base of the schedule where the scheduler has none
 * @param finalLr final rate where the scheduler has none
 * @param scheduleType kind of schedule where the scheduler has none
 * @param decayStartEpoch end of the warm-up in epochs where the scheduler has none
 * @param decayEndEpoch end of the decay in epochs where the scheduler has none
 */
public record DiscriminatorConfig(
        @Default("{}") DinoDiscriminatorConfig arch,
        @Default("{}") OptimizerConfig optimizer,
        @Default("null") SchedulerConfig scheduler,
        @Default("null") DiffAugment augment,
        @Default("null") Double baseLr,
        @Default("null") Double finalLr,
        @Default("null") String scheduleType,
        @Default("null") Double decayStartEpoch,
        @Default("null") Double decayEndEpoch) {

    /**
     * The training of a decoder with this optimiser and rate instead of its own, and without clipping; nothing falls back
     * to the decoder's section.
     */
    public TrainingConfig training(TrainingConfig decoder) {
        return decoder.forDiscriminator(this);
    }
}
