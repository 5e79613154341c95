// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

/** What a run does when a loss or a gradient is not finite. Whatever it is, the batch is saved and the step named. */
public enum NonFinitePolicy {
    /** End the run; the weights are those before the step. */
    STOP,
    /** Leave the weights and averages as they are and go on with the next step. */
    SKIP,
    /** Go back to the last checkpoint and train again from there, without the bad step. */
    ROLLBACK
}
