// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;

/**
 * Reads or replaces the hidden activation of each block's MLP: after the non-linearity (and the gate, where there is
 * one), before the second linear layer. This is where register neurons live.
 */
@FunctionalInterface
public interface MlpHook {
    /** Changes nothing. */
    MlpHook NONE = (layer, activation) -> activation;

    /**
     * Called once a block, in order.
     *
     * @param layer the block, from 0
     * @param activation {@code (B, T, F)}, all tokens; freed when the block is done
     * @return what the block goes on with, same shape
     */
    NDArray apply(int layer, NDArray activation);
}
