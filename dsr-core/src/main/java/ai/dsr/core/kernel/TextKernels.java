// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;

/** Operators on batches of captions of different lengths. */
public final class TextKernels {
    private TextKernels() {}

    /**
     * Attention in which every query sees the tokens that count, {@code softmax(q k^T / sqrt(d)) v} over those.
     *
     * @param q {@code (B, N, K d)}, head after head along the last axis
     * @param k {@code (B, M, K d)}
     * @param v {@code (B, M, K d)}
     * @param heads K
     * @param mask {@code (B, M)}: 1 for tokens that count, 0 for padding; one token of each sample counts at least
     * @return {@code (B, N, K d)}
     */
    public static NDArray maskedAttention(NDArray q, NDArray k, NDArray v, int heads, NDArray mask) {
        return ScriptModule.call("attention_masked", q, k, v, ScriptModule.scalar(heads), mask);
    }
}
