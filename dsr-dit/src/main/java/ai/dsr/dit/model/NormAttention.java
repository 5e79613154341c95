// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.RMSNorm;
import ai.dsr.core.nn.Weight;
import java.util.function.UnaryOperator;

/**
 * Self-attention with optional query/key norm, rotary positions and learned sinks.
 *
 * <p>Queries and keys are normed, then rotated. A sink is one further key and value per head in front of the others,
 * neither normed nor rotated and without a query: somewhere to attend when nothing is worth it.
 */
public final class NormAttention extends Layer {
    /** PyTorch's default, unlike the norms of the blocks. */
    private static final double QK_LAYER_NORM_EPS = 1e-5;

    private static final double SINK_STD = 0.02;

    private final int heads;
    private final int headWidth;
    private final Weight keySink;
    private final Weight valueSink;
    private final Dense qkv;
    private final UnaryOperator<NDArray> queryNorm;
    private final UnaryOperator<NDArray> keyNorm;
    private final Dense proj;

    /** Attention as in the blocks of the configuration; the bias of queries, keys and values can be left out. */
    public NormAttention(BlockConfig cfg, boolean qkvBias) {
        int d = cfg.width();
        heads = cfg.numHeads();
        headWidth = cfg.headWidth();
        keySink = cfg.sinks() ? sink("k_bias") : null;
        valueSink = cfg.sinks() ? sink("v_bias") : null;
        qkv = child("qkv", qkvBias ? cfg.dense(d, 3 * d) : Dense.of(d, 3 * d, false));
        queryNorm = headNorm("q_norm", cfg);
        keyNorm = headNorm("k_norm", cfg);
        proj = child("proj", cfg.dense(d, d));
    }

    private Weight sink(String name) {
        return weight(name, Initializer.normal(SINK_STD), 1, heads, 1, headWidth);
    }

    private UnaryOperator<NDArray> headNorm(String name, BlockConfig cfg) {
        if (!cfg.qkNorm()) {
            return UnaryOperator.identity();
        }
        if (cfg.rmsnorm()) {
            RMSNorm norm = child(name, new RMSNorm(headWidth));
            return norm::forward;
        }
        LayerNorm norm = child(name, LayerNorm.affine(headWidth, QK_LAYER_NORM_EPS));
        return norm::forward;
    }

    /**
     * Maps tokens {@code x (B, N, D)} to the same shape.
     *
     * @param rotary table {@code (N, d/2, 2)} of cosines and sines, or null for no rotation
     */
    public NDArray forward(NDArray x, NDArray rotary) {
        Shape shape = x.getShape();
        NDArray joint = qkv.forward(x).reshape(shape.get(0), shape.get(1), 3, heads, headWidth);
        NDList parts = Kernels.unbind(joint, 2); // q, k, v: (B, N, K, d) each
        NDArray q = queryNorm.apply(parts.get(0));
        NDArray k = keyNorm.apply(parts.get(1));
        NDArray v = parts.get(2);
        if (rotary != null) {
            q = Kernels.rotatePairs(q, rotary);
            k = Kernels.rotatePairs(k, rotary);
        }
        if (keySink != null) {
            k = Kernels.prependSink(k, keySink.get()); // (B, 1 + N, K, d)
            v = Kernels.prependSink(v, valueSink.get());
        }
        return proj.forward(Kernels.attention(q, k, v));
    }
}
