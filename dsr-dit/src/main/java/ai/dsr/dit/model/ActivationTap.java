// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;

/** Sees intermediate results of one forward call by name, such as {@code block.3}. */
@FunctionalInterface
public interface ActivationTap {
    /** A tap that looks at nothing. */
    ActivationTap NONE = (name, value) -> {};

    /** Takes note of {@code value}, which stays the model's: keep it only by a duplicate. */
    void accept(String name, NDArray value);

    /**
     * Whether the tap also wants {@code attention.i (B, K, N, S + N)} of block {@code i}, before that block runs: where its
     * tokens look, S sinks first. It is computed for the tap alone; the fused attention never forms it.
     */
    default boolean wantsAttention(int block) {
        return false;
    }
}
