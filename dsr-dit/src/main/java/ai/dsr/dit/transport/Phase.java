// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

/** What an interval of times is for, which decides between {@code train_eps} and {@code sample_eps}. */
public enum Phase {
    /** Drawing the times of a training step. */
    TRAINING,
    /** Walking from noise to data. */
    SAMPLING
}
