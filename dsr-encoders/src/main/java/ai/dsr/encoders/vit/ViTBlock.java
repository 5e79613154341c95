// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Activation;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.Weight;
import java.util.function.UnaryOperator;

/**
 * A pre-norm transformer block (Dosovitskiy et al., 2021): {@code x += s1 attn(norm1(x)); x += s2 mlp(norm2(x))}.
 *
 * <p>The same block serves all families of encoders and the pixel decoder; they differ in names, in the form of the MLP
 * and in whether the branches have learned scales.
 */
public final class ViTBlock extends Layer {
    private final int heads;
    private final boolean isSwiGlu;
    private final Activation activation;
    private final LayerNorm norm1;
    private final Dense query;
    private final Dense key;
    private final Dense value;
    private final Dense attentionOut;
    private final Weight scale1;
    private final LayerNorm norm2;
    private final Dense mlpIn;
    private final Dense mlpOut;
    private final Weight scale2;

    /** A block of these sizes; holds no memory yet. */
    public ViTBlock(ViTBlockConfig c) {
        BlockNames names = c.names();
        int d = c.width();
        heads = c.heads();
        isSwiGlu = c.mlp() == ViTBlockConfig.Mlp.SWIGLU;
        activation = c.activation();
        norm1 = child(names.norm1(), LayerNorm.affine(d, c.eps()));
        query = child(names.query(), Dense.of(d, d, c.qkvBias()));
        key = child(names.key(), Dense.of(d, d, c.qkvBias()));
        value = child(names.value(), Dense.of(d, d, c.qkvBias()));
        attentionOut = child(names.attentionOut(), Dense.of(d, d, true));
        scale1 = names.scale1() == null ? null : weight(names.scale1(), Initializer.ones(), d);
        norm2 = child(names.norm2(), LayerNorm.affine(d, c.eps()));
        mlpIn = child(names.mlpIn(), Dense.of(d, isSwiGlu ? 2 * c.mlpWidth() : c.mlpWidth(), true));
        mlpOut = child(names.mlpOut(), Dense.of(c.mlpWidth(), d, true));
        scale2 = names.scale2() == null ? null : weight(names.scale2(), Initializer.ones(), d);
    }

    /**
     * Maps tokens {@code x (B, T, D)} to {@code (B, T, D)}.
     *
     * @param hook reads or replaces the hidden activation {@code (B, T, F)} of the MLP
     */
    public NDArray forward(NDArray x, UnaryOperator<NDArray> hook) {
        NDArray h = norm1.forward(x);
        NDArray a = Kernels.attention(query.forward(h), key.forward(h), value.forward(h), heads);
        NDArray y = add(x, scale1, attentionOut.forward(a));
        NDArray f = mlpIn.forward(norm2.forward(y)); // (B, T, F), or (B, T, 2 F) with the gate
        NDArray activated = isSwiGlu ? Kernels.swiGlu(f) : activation.apply(f); // (B, T, F)
        return add(y, scale2, mlpOut.forward(hook.apply(activated)));
    }

    /** The weights of attention after the softmax {@code (B, K, T, T)} for tokens {@code x (B, T, D)}. */
    public NDArray attentionWeights(NDArray x) {
        NDArray h = norm1.forward(x);
        NDArray q = split(query.forward(h)).transpose(0, 2, 1, 3); // (B, K, T, d)
        NDArray k = split(key.forward(h)).transpose(0, 2, 3, 1); // (B, K, d, T)
        double headWidth = q.getShape().get(3);
        return q.matMul(k).mul(1 / Math.sqrt(headWidth)).softmax(3);
    }

    private NDArray split(NDArray x) {
        Shape s = x.getShape();
        return x.reshape(s.get(0), s.get(1), heads, s.get(2) / heads);
    }

    private static NDArray add(NDArray x, Weight scale, NDArray branch) {
        return scale == null ? x.add(branch) : Kernels.gatedResidual(x, scale.get(), branch);
    }
}
