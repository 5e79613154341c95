// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;

/** Operators on batches of captions of different lengths, and on the condition rows that are made of them. */
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

    /**
     * One row a token: the first row for all tokens in front, each other row for its share of the rest.
     *
     * @param rows {@code (B, 1 + L, ...)}
     * @param front F, tokens in front
     * @param each tokens that each of the L other rows serves
     * @return {@code (B, F + L each, ...)}
     */
    public static NDArray shareRows(NDArray rows, int front, long each) {
        return ScriptModule.call("share_rows", rows, ScriptModule.scalar(front), ScriptModule.scalar((double) each));
    }
}
