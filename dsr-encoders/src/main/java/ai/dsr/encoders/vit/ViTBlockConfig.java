// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.nn.Activation;

/**
 * One block of a vision transformer.
 *
 * @param width channels of a token
 * @param heads attention heads
 * @param mlpWidth hidden channels of the MLP
 * @param mlp form of the MLP
 * @param activation non-linearity of a plain MLP
 * @param eps of both layer norms
 * @param qkvBias whether queries, keys and values have a bias
 * @param names what the parts are called
 */
public record ViTBlockConfig(
        int width,
        int heads,
        int mlpWidth,
        Mlp mlp,
        Activation activation,
        double eps,
        boolean qkvBias,
        BlockNames names) {

    /** Forms of the MLP. */
    public enum Mlp {
        /** {@code out(activation(in(x)))}. */
        PLAIN,
        /** {@code [a, b] = in(x)}, then {@code out(silu(a) * b)}. */
        SWIGLU
    }

    /** Checks the sizes. */
    public ViTBlockConfig {
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
    }
}
