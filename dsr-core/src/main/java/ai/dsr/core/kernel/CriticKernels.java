// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.pytorch.engine.PtNDArray;
import ai.djl.pytorch.jni.IValue;

/** Operators of what judges images in decoder training: the heads of the discriminator, perceptual distance. */
public final class CriticKernels {
    private CriticKernels() {}

    /**
     * One power iteration for the spectral norm (Miyato et al., 2018) of a weight {@code (O, ...)} seen as a matrix W of O
     * rows: {@code v = W^T u}, then {@code u = W v}, each divided by its length, which counts as 1e-12 at least.
     *
     * @param weight not changed; no gradient is recorded
     * @param u {@code (O)}, overwritten
     * @param v as long as a row of W, overwritten
     */
    public static void powerIterationInPlace(NDArray weight, NDArray u, NDArray v) {
        ScriptModule.run(
                u.getManager(),
                "power_iteration_in_place",
                IValue.from((PtNDArray) weight),
                IValue.from((PtNDArray) u),
                IValue.from((PtNDArray) v));
    }

    /**
     * Convolution along the tokens, group norm, leaky ReLU of slope 0.2.
     *
     * @param x {@code (B, I, T)}
     * @return {@code (B, O, T)}
     */
    public static NDArray block(NDArray x, RingConv conv, GroupNorm norm) {
        return call("critic_block", x, conv, norm);
    }

    /** {@code (block(x) + x) / sqrt(2)}, as many channels out as in. */
    public static NDArray residual(NDArray x, RingConv conv, GroupNorm norm) {
        return call("critic_residual", x, conv, norm);
    }

    private static NDArray call(String method, NDArray x, RingConv conv, GroupNorm norm) {
        return ScriptModule.call(
                method,
                x,
                conv.weight(),
                conv.bias(),
                orNone(conv.u()),
                orNone(conv.v()),
                norm.weight(),
                norm.bias(),
                ScriptModule.scalar(norm.groups()),
                ScriptModule.scalar(norm.eps()));
    }

    /** Convolution to one channel: {@code x (B, I, T)} to {@code (B, T)}. */
    public static NDArray logits(NDArray x, RingConv conv) {
        return ScriptModule.call("critic_logits", x, conv.weight(), conv.bias(), orNone(conv.u()), orNone(conv.v()));
    }

    /**
     * How far apart two images are in one layer of features (Zhang et al., 2018, equation 1): features are divided by
     * their length at each pixel plus 1e-10; squared differences are weighted by channel and averaged over pixels.
     *
     * @param a features {@code (B, C, H, W)}
     * @param b features of the other image, the same shape
     * @param head {@code (1, C, 1, 1)}
     * @return {@code (B, 1)}
     */
    public static NDArray perceptualDistance(NDArray a, NDArray b, NDArray head) {
        return ScriptModule.call("perceptual_distance", a, b, head);
    }

    private static NDArray orNone(NDArray array) {
        return array == null ? ScriptModule.none() : array;
    }

    /**
     * A convolution along tokens that lie on a ring: the last one is a neighbour of the first.
     *
     * @param weight {@code (O, I, k)}, k odd and at most 2 T + 1
     * @param bias {@code (O)}
     * @param u {@code (O)}: with {@code v}, the weight is divided by {@code u . (W v)}, a constant u and v but not a
     *     constant W for the gradient; null for the weight as it is
     * @param v {@code (I k)}, or null
     */
    public record RingConv(NDArray weight, NDArray bias, NDArray u, NDArray v) {}

    /**
     * Norm of each sample over a group of neighbouring channels and all tokens, biased variance.
     *
     * @param weight {@code (O)}
     * @param bias {@code (O)}
     * @param groups how many; O for each channel on its own
     */
    public record GroupNorm(NDArray weight, NDArray bias, int groups, double eps) {}
}
