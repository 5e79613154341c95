// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.random.SeedTree;

/**
 * Which part of a data set: about one sample in twenty is held out from training.
 *
 * <p>The side of a sample is a function of its key alone, the same in every run, for every seed and every selection of
 * samples. Samples that share a key, such as drawings of one emoji in several styles, are on the same side.
 */
public enum Split {
    /** The samples to train on. */
    TRAIN,
    /** The samples for validation. */
    HELD_OUT,
    /** Both. */
    ALL;

    private static final double HELD_OUT_SHARE = 0.05;
    private static final SeedTree KEYS = SeedTree.of(0).child("hold-out");

    /** Whether samples of this key belong to this part. */
    public boolean includes(String key) {
        boolean heldOut = KEYS.child(key).stream().nextUniform() < HELD_OUT_SHARE;
        return this == ALL || heldOut == (this == HELD_OUT);
    }
}
