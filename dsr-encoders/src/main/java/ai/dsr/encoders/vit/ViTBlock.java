// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.LayerKernels;
import ai.dsr.core.kernel.VisionKernels;
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
 * <p>The same block serves all families of encoders and the pixel decoder; they differ in names, in the form of the MLP,
 * in biases, in rotary positions, and in whether the branches have learned scales.
 */
public final class ViTBlock extends Layer {
    private final int heads;
    private final ViTBlockConfig.Mlp mlp;
    private final Activation activation;
    private final LayerNorm norm1;
    private final Dense query;
    private final Dense key;
    private final Dense value;
    private final Dense attentionOut;
    private final Weight scale1;
    private final LayerNorm norm2;
    private final Dense mlpIn;
    private final Dense mlpGate;
    private final Dense mlpOut;
    private final Weight scale2;

    /** A block of these sizes; holds no memory yet. */
    public ViTBlock(ViTBlockConfig c) {
        BlockNames names = c.names();
        int d = c.width();
        heads = c.heads();
        mlp = c.mlp();
        activation = c.activation();
        norm1 = child(names.norm1(), LayerNorm.affine(d, c.eps()));
        query = linear(c, names.query(), d, d);
        key = linear(c, names.key(), d, d);
        value = linear(c, names.value(), d, d);
        attentionOut = linear(c, names.attentionOut(), d, d);
        scale1 = names.scale1() == null ? null : weight(names.scale1(), Initializer.ones(), d);
        norm2 = child(names.norm2(), LayerNorm.affine(d, c.eps()));
        mlpIn = linear(c, names.mlpIn(), d, mlp == ViTBlockConfig.Mlp.SWIGLU ? 2 * c.mlpWidth() : c.mlpWidth());
        mlpGate = mlp == ViTBlockConfig.Mlp.GATED ? linear(c, names.mlpGate(), d, c.mlpWidth()) : null;
        mlpOut = linear(c, names.mlpOut(), c.mlpWidth(), d);
        scale2 = names.scale2() == null ? null : weight(names.scale2(), Initializer.ones(), d);
    }

    private Dense linear(ViTBlockConfig c, String name, int in, int out) {
        return child(name, Dense.of(in, out, !c.withoutBias().contains(name)));
    }

    /**
     * Maps tokens {@code x (B, T, D)} to {@code (B, T, D)}.
     *
     * @param rotary positions of queries and keys
     * @param hook reads or replaces the hidden activation {@code (B, T, F)} of the MLP
     */
    public NDArray forward(NDArray x, RotaryPositions rotary, UnaryOperator<NDArray> hook) {
        NDArray h = norm1.forward(x);
        NDArray q = rotary.apply(query.forward(h), heads);
        NDArray k = rotary.apply(key.forward(h), heads);
        NDArray a = LayerKernels.attention(q, k, value.forward(h), heads, precision());
        NDArray y = add(x, scale1, attentionOut.forward(a));
        NDArray activated = activate(norm2.forward(y)); // (B, T, F)
        return add(y, scale2, mlpOut.forward(hook.apply(activated)));
    }

    private NDArray activate(NDArray h) {
        NDArray f = mlpIn.forward(h); // (B, T, F), or (B, T, 2 F) with the gate
        return switch (mlp) {
            case PLAIN -> activation.apply(f);
            case SWIGLU -> Kernels.swiGlu(f);
            case GATED -> activation.apply(mlpGate.forward(h)).mul(f);
        };
    }

    /** The weights of attention after the softmax {@code (B, K, T, T)} for tokens {@code x (B, T, D)}. */
    public NDArray attentionWeights(NDArray x, RotaryPositions rotary) {
        NDArray h = norm1.forward(x);
        return VisionKernels.attentionPattern(
                rotary.apply(query.forward(h), heads), rotary.apply(key.forward(h), heads), heads);
    }

    private static NDArray add(NDArray x, Weight scale, NDArray branch) {
        return scale == null ? x.add(branch) : Kernels.gatedResidual(x, scale.get(), branch);
    }
}
