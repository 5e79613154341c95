// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;

/** Attention as causal language models have it. */
public final class LanguageKernels {
    private LanguageKernels() {}

    /**
     * Rotates pairs of the last axis, number i of the first half with number i of the second.
     *
     * @param x {@code (B, N, K, d)}, d even
     * @param rotation {@code (B, N, d/2, 2)}: cos and sin of every pair
     * @return {@code (B, N, K, d)}
     */
    public static NDArray rotateHalves(NDArray x, NDArray rotation) {
        return ScriptModule.call("rotate_halves_by_token", x, rotation);
    }

    /**
     * Causal scaled dot-product attention with grouped heads, joined afterwards.
     *
     * @param q {@code (B, N, K, d)}
     * @param k {@code (B, N, G, d)}, where G divides K: query head h attends to head {@code floor(h G / K)}
     * @param v {@code (B, N, G, d)}
     * @param mask {@code (B, N)}, 0 for rows that no other row attends to; null for none
     * @return {@code (B, N, K d)}
     */
    public static NDArray causalAttention(NDArray q, NDArray k, NDArray v, NDArray mask) {
        return mask == null
                ? ScriptModule.call("causal_attention", q, k, v)
                : ScriptModule.call("causal_attention_masked", q, k, v, mask);
    }
}
