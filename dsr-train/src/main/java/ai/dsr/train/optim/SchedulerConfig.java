// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.config.Default;
import ai.dsr.core.config.NoEffect;

/**
 * Section {@code scheduler}; what is absent falls back as {@link LrSchedule} says.
 *
 * @param type {@code linear} or {@code cosine}
 * @param baseLr the rate after the warm-up; replaces the optimiser's
 * @param finalLr the rate at the end
 * @param warmupSteps length of the warm-up in optimiser steps
 * @param warmupEpochs the same in epochs, fractions allowed
 * @param decayEndSteps the step at which the final rate is reached
 * @param decayEndEpoch the same in epochs
 * @param warmupFromZero whether the warm-up rises from zero; otherwise it holds the base rate
 * @param scheduleType accepted because published files have it, and without effect there too
 * @param decayStartEpoch accepted because published files have it, and without effect there too
 */
public record SchedulerConfig(
        @Default("null") String type,
        @Default("null") Double baseLr,
        @Default("null") Double finalLr,
        @Default("null") Integer warmupSteps,
        @Default("null") Double warmupEpochs,
        @Default("null") Integer decayEndSteps,
        @Default("null") Double decayEndEpoch,
        @Default("false") boolean warmupFromZero,
        @NoEffect(use = "type") @Default("null") String scheduleType,
        @NoEffect(use = "warmup_epochs") @Default("null") Double decayStartEpoch) {}
