// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.ConvKernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;

/**
 * Convolution, batch norm with running statistics, ReLU; names {@code conv.weight (O, I, kh, kw)} and {@code
 * bn.weight}, {@code bn.bias}, {@code bn.running_mean}, {@code bn.running_var (O)}.
 */
final class ConvBlock extends Layer {
    private static final double EPS = 1e-3;

    private final Weight weight;
    private final Weight[] norm;
    private final int stride;
    private final int padHeight;
    private final int padWidth;

    private ConvBlock(int in, int out, int height, int width, int stride, int padHeight, int padWidth) {
        weight = weight("conv.weight", Initializer.fanIn((long) in * height * width), out, in, height, width);
        norm = new Weight[] {
            weight("bn.weight", Initializer.ones(), out),
            weight("bn.bias", Initializer.zeros(), out),
            weight("bn.running_mean", Initializer.zeros(), out),
            weight("bn.running_var", Initializer.ones(), out)
        };
        this.stride = stride;
        this.padHeight = padHeight;
        this.padWidth = padWidth;
    }

    /** A square kernel without padding. */
    static ConvBlock valid(int in, int out, int kernel, int stride) {
        return new ConvBlock(in, out, kernel, kernel, stride, 0, 0);
    }

    /** A kernel of odd sides, padded so that the image keeps its size. */
    static ConvBlock same(int in, int out, int height, int width) {
        return new ConvBlock(in, out, height, width, 1, height / 2, width / 2);
    }

    /** Maps {@code x (B, I, H, W)} to {@code (B, O, H', W')}. */
    NDArray forward(NDArray x) {
        NDArray[] values = {norm[0].get(), norm[1].get(), norm[2].get(), norm[3].get()};
        return ConvKernels.convNormRelu(x, weight.get(), values, EPS, stride, padHeight, padWidth);
    }
}
