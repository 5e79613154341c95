// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;

/** Hears of each state that a solver reaches, for progress and trajectories. */
@FunctionalInterface
public interface StepListener {
    /** Does nothing. */
    StepListener NONE = (step, steps, t, x) -> {};

    /**
     * Called with the state after a step.
     *
     * @param step number of steps done, from 1
     * @param steps number of steps in all
     * @param t time of the state
     * @param x the state, valid during this call only; copy what is to last
     */
    void onState(int step, int steps, float t, NDArray x);
}
