// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;

/** The right-hand side of {@code dx/dt = f(x, t)}. */
@FunctionalInterface
public interface VectorField {
    /**
     * The slope at a state and a time.
     *
     * @param x state of any shape; results belong to its manager
     * @return the slope, of the same shape
     */
    NDArray at(NDArray x, float t);
}
