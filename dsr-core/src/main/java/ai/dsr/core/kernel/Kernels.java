// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** The operators of transformer layers, coarse enough that the call itself costs nothing beside the work. */
public final class Kernels {
    private Kernels() {}

    /** Linear layer {@code x W^T + b}: {@code x (..., I)}, {@code weight (O, I)}, {@code bias (O)} or null. */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias) {
        return bias == null
                ? ScriptModule.call("linear_no_bias", x, weight)
                : ScriptModule.call("linear", x, weight, bias);
    }

    /**
     * {@code factor x}, any shape, in the type of {@code x}.
     *
     * <p>Safe in a recording, which {@code x.mul(factor)} is not: see {@link Autograd}.
     */
    public static NDArray scale(NDArray x, double factor) {
        return ScriptModule.call("scale", x, ScriptModule.scalar(factor));
    }

    /** Sigmoid linear unit {@code x sigmoid(x)}, any shape. */
    public static NDArray silu(NDArray x) {
        return ScriptModule.call("silu", x);
    }

    /** Gaussian error linear unit in its exact (erf) form, any shape. */
    public static NDArray gelu(NDArray x) {
        return ScriptModule.call("gelu", x);
    }

    /** Gaussian error linear unit in its tanh approximation, any shape. */
    public static NDArray geluTanh(NDArray x) {
        return ScriptModule.call("gelu_tanh", x);
    }

    /** SwiGLU gate: {@code silu(a) * b} with {@code x (..., 2F) = [a, b]}; returns {@code (..., F)}. */
    public static NDArray swiGlu(NDArray x) {
        return ScriptModule.call("swiglu", x);
    }

    /** Rows of {@code table (V, D)} at {@code ids (...)} int64; returns {@code (..., D)}. */
    public static NDArray embedding(NDArray ids, NDArray table) {
        return ScriptModule.call("embedding", ids, table);
    }

    /** {@code weight * x / sqrt(mean(x^2) + eps)} over the last axis; statistics in float32. */
    public static NDArray rmsNorm(NDArray x, NDArray weight, double eps) {
        return ScriptModule.call("rms_norm", x, weight, ScriptModule.scalar(eps));
    }

    /** RMSNorm, then {@code (1 + scale) y + shift}; shift and scale broadcast against {@code x (B, N, D)}. */
    public static NDArray rmsNormModulate(NDArray x, NDArray weight, NDArray shift, NDArray scale, double eps) {
        return ScriptModule.call("rms_norm_modulate", x, weight, shift, scale, ScriptModule.scalar(eps));
    }

    /** Layer norm over the last axis with biased variance; weight and bias {@code (D)}, or null for none. */
    public static NDArray layerNorm(NDArray x, NDArray weight, NDArray bias, double eps) {
        return weight == null
                ? ScriptModule.call("layer_norm", x, ScriptModule.scalar(eps))
                : ScriptModule.call("layer_norm_affine", x, weight, bias, ScriptModule.scalar(eps));
    }

    /** {@code x (1 + scale) + shift}; shift and scale broadcast against {@code x (B, N, D)}. */
    public static NDArray modulate(NDArray x, NDArray shift, NDArray scale) {
        return ScriptModule.call("modulate", x, shift, scale);
    }

    /** {@code x + gate * y}; the gate broadcasts against {@code x (B, N, D)}. */
    public static NDArray gatedResidual(NDArray x, NDArray gate, NDArray y) {
        return ScriptModule.call("gated_residual", x, gate, y);
    }

    /** The slices of {@code x} along {@code axis}, without that axis. */
    public static NDList unbind(NDArray x, int axis) {
        return ScriptModule.callForList("unbind", x, ScriptModule.scalar(axis));
    }

    /**
     * Rotates neighbouring pairs of the last axis: {@code (a, b) -> (a cos - b sin, b cos + a sin)}.
     *
     * @param x {@code (B, N, K, d)}, d even
     * @param table {@code (N, d/2, 2)} float32: cos and sin of every pair
     * @return {@code (B, N, K, d)}
     */
    public static NDArray rotatePairs(NDArray x, NDArray table) {
        return ScriptModule.call("rotate_pairs", x, table);
    }

    /**
     * Scaled dot-product attention {@code softmax(q k^T / sqrt(d)) v} with the heads joined.
     *
     * @param q {@code (B, N, K, d)}
     * @param k {@code (B, M, K, d)}
     * @param v {@code (B, M, K, d)}
     * @return {@code (B, N, K d)}
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v) {
        return ScriptModule.call("attention", q, k, v);
    }

    /**
     * The same attention on tokens whose heads are still joined, head after head along the last axis.
     *
     * @param q {@code (B, N, K d)}
     * @param k {@code (B, M, K d)}
     * @param v {@code (B, M, K d)}
     * @param heads K
     * @return {@code (B, N, K d)}
     */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, int heads) {
        return ScriptModule.call("attention_joined", q, k, v, ScriptModule.scalar(heads));
    }

    /**
     * Puts the same extra tokens into every sample.
     *
     * @param x {@code (B, N, D)}
     * @param rows {@code (1, R, D)}
     * @param position row of x before which they go, 0 to N
     * @return {@code (B, N + R, D)}
     */
    public static NDArray insertRows(NDArray x, NDArray rows, long position) {
        return ScriptModule.call("insert_rows", x, rows, ScriptModule.scalar((double) position));
    }

    /** A learned {@code sink (1, K, 1, d)} in front of keys or values {@code x (B, N, K, d)}: {@code (B, 1 + N, K, d)}. */
    public static NDArray prependSink(NDArray x, NDArray sink) {
        return ScriptModule.call("prepend_sink", x, sink);
    }

    /** {@code tokens + positions (1, R, D)}, the same for all samples, in front of {@code x (B, N, D)}. */
    public static NDArray prepend(NDArray x, NDArray tokens, NDArray positions) {
        return ScriptModule.call("prepend", x, tokens, positions);
    }

    /** Lower median along the last axis, kept with size 1: of an even count the smaller middle value. */
    public static NDArray lowerMedian(NDArray x) {
        return ScriptModule.call("lower_median", x);
    }

    /** Euclidean norm along {@code axis}, kept with size 1. */
    public static NDArray norm(NDArray x, int axis) {
        return ScriptModule.call("token_norm", x, ScriptModule.scalar(axis));
    }
}
