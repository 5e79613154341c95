// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.dsr.core.kernel.CriticKernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;

/**
 * Convolution along tokens on a ring, with or without spectral norm (Miyato et al., 2018).
 *
 * <p>Names with spectral norm are those of PyTorch's older form: {@code weight_orig}, which trains, and the buffers
 * {@code weight_u} and {@code weight_v}, which power iterations move.
 */
final class RingConv extends Layer {
    private final Weight weight;
    private final Weight bias;
    private final Weight u;
    private final Weight v;

    RingConv(int in, int out, int kernel, boolean isSpectral) {
        long fanIn = (long) in * kernel;
        bias = weight("bias", Initializer.fanIn(fanIn), out);
        weight = weight(isSpectral ? "weight_orig" : "weight", Initializer.fanIn(fanIn), out, in, kernel);
        u = isSpectral ? buffer("weight_u", Initializer.direction(), out) : null;
        v = isSpectral ? buffer("weight_v", Initializer.direction(), fanIn) : null;
    }

    /** The weights for one call, which in training follows one power iteration. */
    CriticKernels.RingConv weights(boolean training) {
        if (u == null) {
            return new CriticKernels.RingConv(weight.get(), bias.get(), null, null);
        }
        if (training) {
            CriticKernels.powerIterationInPlace(weight.get(), u.get(), v.get());
        }
        return new CriticKernels.RingConv(weight.get(), bias.get(), u.get(), v.get());
    }
}
