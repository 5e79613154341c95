// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;

/** A denoiser with its condition already given. */
@FunctionalInterface
public interface Predictor {
    /**
     * The raw output for a batch of states.
     *
     * @param x states {@code (B, C, H, W)}; results belong to its manager
     * @param t times {@code (B)}
     * @return {@code (B, C, H, W)}
     */
    NDArray predict(NDArray x, NDArray t);
}
