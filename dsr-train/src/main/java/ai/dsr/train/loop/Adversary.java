// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;

/**
 * A second model that trains against the first in turn with it: the discriminator of a GAN.
 *
 * <p>After each step of the model come updates of the adversary on the same samples, with an optimiser and a rate of its
 * own. Its loss sees the model's weights as they are then.
 */
public interface Adversary extends Objective {
    /** How many updates follow a step of the model; 0 before it starts. */
    int updates(long step);

    /** How it trains; batch and micro-batches are the model's. */
    TrainingConfig training();

    /** Its learning rate over its own updates. */
    LrSchedule schedule();
}
