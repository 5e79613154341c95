// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.RMSNorm;

/**
 * One layer of a diffusion transformer: attention and MLP, each shifted, scaled and gated by the condition.
 *
 * <p>The condition may be one row a sample or one row for every few tokens (as in the wide head, DDT).
 */
public final class LightningDiTBlock extends Layer {
    private final boolean hasShift;
    private final ModulatedNorm norm1;
    private final ModulatedNorm norm2;
    private final NormAttention attn;
    private final FeedForward mlp;
    private final AdaLN adaLN;

    /** A block that starts as the identity. */
    public LightningDiTBlock(BlockConfig cfg) {
        hasShift = cfg.shift();
        norm1 = norm("norm1", cfg);
        norm2 = norm("norm2", cfg);
        attn = child("attn", new NormAttention(cfg, true));
        mlp = child("mlp", FeedForward.of(cfg));
        adaLN = child("adaLN_modulation", new AdaLN(cfg.conditionWidth(), cfg.width(), hasShift ? 6 : 4));
    }

    private ModulatedNorm norm(String name, BlockConfig cfg) {
        if (!cfg.rmsnorm()) {
            return ModulatedNorm.LAYER_NORM;
        }
        RMSNorm norm = child(name, new RMSNorm(cfg.width()));
        return norm::forward;
    }

    /**
     * Maps tokens to tokens under a condition.
     *
     * @param x tokens {@code (B, N, D)}
     * @param c condition {@code (B, E)} or {@code (B, L, E)}, before its activation
     * @param rotary table {@code (N, d/2, 2)}, or null for no rotation
     * @return {@code (B, N, D)}
     */
    public NDArray forward(NDArray x, NDArray c, NDArray rotary) {
        return forward(x, c, rotary, 0);
    }

    /** The same where the first {@code front} tokens have a condition row of their own, see {@link AdaLN#split}. */
    NDArray forward(NDArray x, NDArray c, NDArray rotary, int front) {
        NDList m = modulation(x, c, front); // shift, scale, gate; shift, scale, gate
        NDArray a = attn.forward(norm1.apply(x, m.get(0), m.get(1)), rotary);
        NDArray y = Kernels.gatedResidual(x, m.get(2), a);
        NDArray f = mlp.forward(norm2.apply(y, m.get(3), m.get(4)));
        return Kernels.gatedResidual(y, m.get(5), f);
    }

    /**
     * Where the tokens of {@link #forward} look in its attention, with the same arguments.
     *
     * @return {@code (B, K, N, S + N)}, see {@link NormAttention#pattern}
     */
    NDArray attentionPattern(NDArray x, NDArray c, NDArray rotary, int front) {
        NDList m = modulation(x, c, front);
        return attn.pattern(norm1.apply(x, m.get(0), m.get(1)), rotary);
    }

    private NDList modulation(NDArray x, NDArray c, int front) {
        NDList m = adaLN.split(c, x.getShape().get(1), front);
        if (hasShift) {
            return m;
        }
        NDArray zero = x.getManager().zeros(new Shape(1), x.getDataType());
        return new NDList(zero, m.get(0), m.get(1), zero, m.get(2), m.get(3));
    }

    /** Operations of one sample with {@code rows} tokens and {@code conditions} condition rows. */
    static long flops(BlockConfig cfg, long rows, long conditions) {
        long d = cfg.width();
        long parts = cfg.shift() ? 6 : 4;
        long perToken = 4 * d * d + cfg.mlpProducts() + 2 * d * (rows + (cfg.sinks() ? 1 : 0));
        return 2 * rows * perToken + 2 * parts * conditions * cfg.conditionWidth() * d;
    }
}
