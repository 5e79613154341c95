// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;

/** Standard normal draws for an SDE, decided by the caller, so that they can be a function of sample and step. */
@FunctionalInterface
public interface NoiseSource {
    /**
     * The noise of a step.
     *
     * @param step number of the step, from 0
     * @param manager owner of the result
     * @return an array of the shape of the state
     */
    NDArray at(int step, NDManager manager);
}
