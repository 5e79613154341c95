// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.nn.Activation;
import java.util.Set;

/**
 * One block of a vision transformer.
 *
 * @param width channels of a token
 * @param heads attention heads
 * @param mlpWidth hidden channels of the MLP
 * @param mlp form of the MLP
 * @param activation non-linearity of the MLP; SwiGLU has its own
 * @param eps of both layer norms
 * @param withoutBias those linear layers, by their names in {@code names}, that have no bias
 * @param names what the parts are called
 */
public record ViTBlockConfig(
        int width,
        int heads,
        int mlpWidth,
        Mlp mlp,
        Activation activation,
        double eps,
        Set<String> withoutBias,
        BlockNames names) {

    /** Forms of the MLP. */
    public enum Mlp {
        /** {@code out(activation(in(x)))}. */
        PLAIN,
        /** {@code [a, b] = in(x)}, then {@code out(silu(a) * b)}. */
        SWIGLU,
        /** {@code out(activation(gate(x)) * in(x))}. */
        GATED
    }

    /** Checks the sizes. */
    public ViTBlockConfig {
        withoutBias = Set.copyOf(withoutBias);
        if (heads < 1 || width < 1 || width % heads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size: expected a positive multiple of the attention heads (" + heads + "), got " + width);
        }
        if (mlpWidth < 1) {
            throw new IllegalArgumentException("MLP width: expected 1 or more, got " + mlpWidth);
        }
        if (!(eps >= 0)) {
            throw new IllegalArgumentException("layer_norm_eps: expected 0 or more, got " + eps);
        }
        if (mlp == Mlp.GATED && names.mlpGate() == null) {
            throw new IllegalArgumentException("MLP: expected a name of the gate's layer, got none");
        }
    }

    /** Channels of a head. */
    public int headWidth() {
        return width / heads;
    }

    /** The names of all linear layers. */
    public Set<String> linearLayers() {
        BlockNames n = names;
        return mlp == Mlp.GATED
                ? Set.of(n.query(), n.key(), n.value(), n.attentionOut(), n.mlpIn(), n.mlpOut(), n.mlpGate())
                : Set.of(n.query(), n.key(), n.value(), n.attentionOut(), n.mlpIn(), n.mlpOut());
    }

    /** The same block with biases everywhere but in these layers. */
    ViTBlockConfig withoutBias(Set<String> layers) {
        return new ViTBlockConfig(width, heads, mlpWidth, mlp, activation, eps, layers, names);
    }
}
