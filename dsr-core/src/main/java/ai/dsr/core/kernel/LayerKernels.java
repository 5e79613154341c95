// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.Precision;

/**
 * Whole layers of a transformer, each one native call.
 *
 * <p>Products run in the {@link Precision} that the call names; what goes in and what comes out is float32, and so are
 * the weights and their gradients. With {@link Precision#FP32} nothing is rounded.
 */
public final class LayerKernels {
    private LayerKernels() {}

    /** Linear layer {@code x W^T + b}: {@code x (..., I)}, {@code weight (O, I)}, {@code bias (O)} or null. */
    public static NDArray linear(NDArray x, NDArray weight, NDArray bias, Precision precision) {
        return precision == Precision.FP32
                ? Kernels.linear(x, weight, bias)
                : ScriptModule.call("linear_in", x, weight, orNone(bias), type(precision));
    }

    /** Gated network {@code w3(silu(a) * b)} with {@code [a, b] = w12(x)}: {@code x (..., D)} to the same shape. */
    public static NDArray swiGluMlp(NDArray x, Linear w12, Linear w3, Precision precision) {
        return ScriptModule.call(
                "swiglu_mlp", x, w12.weight(), orNone(w12.bias()), w3.weight(), orNone(w3.bias()), type(precision));
    }

    /** Network {@code fc2(gelu(fc1(x)))} with the tanh form of GELU: {@code x (..., D)} to the same shape. */
    public static NDArray geluMlp(NDArray x, Linear fc1, Linear fc2, Precision precision) {
        return ScriptModule.call(
                "gelu_mlp", x, fc1.weight(), orNone(fc1.bias()), fc2.weight(), orNone(fc2.bias()), type(precision));
    }

    /**
     * Self-attention from tokens to tokens: joint projection, norms of queries and keys, rotation, sinks, attention,
     * output projection. Norms and rotation run in float32, as do the statistics of the softmax.
     *
     * @param x {@code (B, N, D)}
     * @param table {@code (N, d/2, 2)} of cosines and sines, or null for no rotation
     * @param heads K
     * @return {@code (B, N, D)}
     */
    public static NDArray selfAttention(
            NDArray x, NDArray table, int heads, AttentionWeights weights, Precision precision) {
        HeadNorm norm = weights.norm();
        return ScriptModule.call(
                "self_attention",
                x,
                weights.qkv().weight(),
                orNone(weights.qkv().bias()),
                weights.proj().weight(),
                orNone(weights.proj().bias()),
                orNone(table),
                orNone(norm.queryWeight()),
                orNone(norm.queryBias()),
                orNone(norm.keyWeight()),
                orNone(norm.keyBias()),
                ScriptModule.scalar(norm.eps()),
                orNone(weights.keySink()),
                orNone(weights.valueSink()),
                ScriptModule.scalar(heads),
                type(precision));
    }

    /** Attention of tokens whose heads are joined, {@code q (B, N, K d)}, {@code k, v (B, M, K d)}: {@code (B, N, K d)}. */
    public static NDArray attention(NDArray q, NDArray k, NDArray v, int heads, Precision precision) {
        return precision == Precision.FP32
                ? Kernels.attention(q, k, v, heads)
                : ScriptModule.call("attention_in", q, k, v, ScriptModule.scalar(heads), type(precision));
    }

    /**
     * Where the queries of {@link #selfAttention} look, a matrix that it never forms itself; in float32.
     *
     * @param x {@code (B, N, D)}
     * @param table as there
     * @param heads K
     * @return {@code (B, K, N, S + N)}: of each query a distribution over S = 1 sink, if there is one, and the tokens
     */
    public static NDArray attentionPattern(NDArray x, NDArray table, int heads, AttentionWeights weights) {
        HeadNorm norm = weights.norm();
        return ScriptModule.call(
                "self_attention_pattern",
                x,
                weights.qkv().weight(),
                orNone(weights.qkv().bias()),
                orNone(table),
                orNone(norm.queryWeight()),
                orNone(norm.queryBias()),
                orNone(norm.keyWeight()),
                orNone(norm.keyBias()),
                ScriptModule.scalar(norm.eps()),
                orNone(weights.keySink()),
                ScriptModule.scalar(heads));
    }

    private static NDArray type(Precision precision) {
        return ScriptModule.scalar(precision.torchType());
    }

    private static NDArray orNone(NDArray array) {
        return array == null ? ScriptModule.none() : array;
    }

    /** A linear layer's {@code weight (O, I)} and {@code bias (O)} or null. */
    public record Linear(NDArray weight, NDArray bias) {}

    /**
     * Weights of self-attention.
     *
     * @param qkv projection to queries, keys and values in this order
     * @param norm of queries and keys per head
     * @param keySink {@code (1, K, 1, d)}, an extra key of each head, or null
     * @param valueSink {@code (1, K, 1, d)}, its value, or null
     */
    public record AttentionWeights(Linear qkv, Linear proj, HeadNorm norm, NDArray keySink, NDArray valueSink) {}

    /**
     * Norms of queries and keys, {@code (d)} each: weights and biases are a layer norm, weights alone an RMSNorm, and
     * without weights there is none.
     */
    public record HeadNorm(NDArray queryWeight, NDArray queryBias, NDArray keyWeight, NDArray keyBias, double eps) {
        /** No norm. */
        public static final HeadNorm NONE = new HeadNorm(null, null, null, null, 0);
    }
}
