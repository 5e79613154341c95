// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.LayerKernels;
import ai.dsr.core.kernel.LayerKernels.AttentionWeights;
import ai.dsr.core.kernel.LayerKernels.HeadNorm;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.RMSNorm;
import ai.dsr.core.nn.Weight;
import java.util.function.Supplier;

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
    private final Supplier<HeadNorm> norm;
    private final Dense proj;

    /** Attention as in the blocks of the configuration; the bias of queries, keys and values can be left out. */
    public NormAttention(BlockConfig cfg, boolean qkvBias) {
        int d = cfg.width();
        heads = cfg.numHeads();
        headWidth = cfg.headWidth();
        keySink = cfg.sinks() ? sink("k_bias") : null;
        valueSink = cfg.sinks() ? sink("v_bias") : null;
        qkv = child("qkv", qkvBias ? cfg.dense(d, 3 * d) : Dense.of(d, 3 * d, false));
        norm = headNorm(cfg);
        proj = child("proj", cfg.dense(d, d));
    }

    private Weight sink(String name) {
        return weight(name, Initializer.normal(SINK_STD), 1, heads, 1, headWidth);
    }

    private Supplier<HeadNorm> headNorm(BlockConfig cfg) {
        if (!cfg.qkNorm()) {
            return () -> HeadNorm.NONE;
        }
        if (cfg.rmsnorm()) {
            RMSNorm query = child("q_norm", new RMSNorm(headWidth));
            RMSNorm key = child("k_norm", new RMSNorm(headWidth));
            return () -> new HeadNorm(query.weight(), null, key.weight(), null, RMSNorm.EPS);
        }
        LayerNorm query = child("q_norm", LayerNorm.affine(headWidth, QK_LAYER_NORM_EPS));
        LayerNorm key = child("k_norm", LayerNorm.affine(headWidth, QK_LAYER_NORM_EPS));
        return () -> new HeadNorm(query.weight(), query.bias(), key.weight(), key.bias(), QK_LAYER_NORM_EPS);
    }

    /**
     * Maps tokens {@code x (B, N, D)} to the same shape.
     *
     * @param rotary table {@code (N, d/2, 2)} of cosines and sines, or null for no rotation
     */
    public NDArray forward(NDArray x, NDArray rotary) {
        return LayerKernels.selfAttention(x, rotary, heads, parameters(), precision());
    }

    /**
     * Where the queries of {@link #forward} look.
     *
     * @param x tokens {@code (B, N, D)}
     * @param rotary as there
     * @return {@code (B, K, N, S + N)} after the softmax; S is {@link #sinks}, and sinks come first
     */
    public NDArray pattern(NDArray x, NDArray rotary) {
        return LayerKernels.attentionPattern(x, rotary, heads, parameters());
    }

    /** How many sinks stand before the tokens' keys: 1 or 0. */
    public int sinks() {
        return keySink == null ? 0 : 1;
    }

    private AttentionWeights parameters() {
        NDArray extraKey = keySink == null ? null : keySink.get();
        NDArray extraValue = valueSink == null ? null : valueSink.get();
        return new AttentionWeights(qkv.linear(), proj.linear(), norm.get(), extraKey, extraValue);
    }
}
