// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;

/** The operators of vision transformers beyond those that all transformers share. */
public final class VisionKernels {
    private VisionKernels() {}

    /**
     * Rotary positions on some rows: with {@code [a, b]} the halves of a head, {@code [a cos - b sin, b cos + a sin]}.
     *
     * @param x {@code (B, T, K d)}, head after head along the last axis, d even
     * @param cos {@code (P, d/2)}
     * @param sin {@code (P, d/2)}
     * @param heads K
     * @param start the first of the P rows that are turned; the others pass
     * @return {@code (B, T, K d)}
     */
    public static NDArray rotateHalves(NDArray x, NDArray cos, NDArray sin, int heads, int start) {
        return ScriptModule.call("rotate_halves", x, cos, sin, ScriptModule.scalar(heads), ScriptModule.scalar(start));
    }

    /**
     * The weights of attention {@code softmax(q k^T / sqrt(d))}, which the fused {@link Kernels#attention} never forms.
     *
     * @param q {@code (B, N, K d)}, head after head along the last axis
     * @param k {@code (B, M, K d)}
     * @param heads K
     * @return {@code (B, K, N, M)}; each row sums to 1
     */
    public static NDArray attentionPattern(NDArray q, NDArray k, int heads) {
        return ScriptModule.call("attention_pattern_joined", q, k, ScriptModule.scalar(heads));
    }
}
