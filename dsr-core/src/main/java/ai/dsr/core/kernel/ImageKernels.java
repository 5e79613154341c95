// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * Resampling of image tensors and the patch convolution.
 *
 * <p>All resizes use half-pixel centres and sizes, never scale factors. Without antialias the cubic coefficient is
 * -0.75 and border samples repeat; with antialias it is -0.5 and the kernel widens when shrinking. Nothing is clamped.
 */
public final class ImageKernels {
    private ImageKernels() {}

    /** Bicubic resize of {@code (B, C, H, W)} to {@code (B, C, height, width)}. */
    public static NDArray bicubic(NDArray x, int height, int width, boolean antialias) {
        return resize(antialias ? "bicubic_antialias" : "bicubic", x, height, width);
    }

    /** Bilinear resize of {@code (B, C, H, W)} to {@code (B, C, height, width)}. */
    public static NDArray bilinear(NDArray x, int height, int width, boolean antialias) {
        return resize(antialias ? "bilinear_antialias" : "bilinear", x, height, width);
    }

    /**
     * Cubic interpolation of a sequence {@code (B, N, D)} to {@code (B, length, D)} by a scale factor: sample i comes
     * from {@code (i + 0.5) / scale - 0.5}.
     */
    public static NDArray cubicSequence(NDArray x, int length, double scale) {
        return ScriptModule.call("cubic_sequence", x, ScriptModule.scalar(length), ScriptModule.scalar(scale));
    }

    /**
     * A learned position table, trained on a square grid, for another grid: bicubic, by sizes.
     *
     * @param owner an array whose manager takes the result; its values are not used
     * @param table {@code (prefix + side^2, D)}, perhaps with a leading axis of 1: rows of special tokens, then the grid
     *     row by row
     * @param prefix how many special tokens; their rows are kept
     * @param side rows and columns of the trained grid
     * @return {@code (1, prefix + height * width, D)}
     */
    public static NDArray resizePositions(
            NDArray owner, NDArray table, int prefix, int side, int height, int width, boolean antialias) {
        return ScriptModule.call(
                "resize_positions",
                owner,
                table,
                ScriptModule.scalar(prefix),
                ScriptModule.scalar(side),
                ScriptModule.scalar(height),
                ScriptModule.scalar(width),
                ScriptModule.scalar(antialias ? 1 : 0));
    }

    /**
     * Non-overlapping patches through a convolution whose stride is its kernel.
     *
     * @param x {@code (B, C, H, W)}; a remainder at the right or bottom edge is unused
     * @param weight {@code (D, C, P, P)}
     * @param bias {@code (D)}
     * @return {@code (B, H/P * W/P, D)}, patches row by row
     */
    public static NDArray patchEmbed(NDArray x, NDArray weight, NDArray bias) {
        return ScriptModule.call("patch_embed", x, weight, bias);
    }

    /** The same through a bottleneck: {@code squeeze (E, C, P, P)} without bias, then {@code weight (D, E, 1, 1)}. */
    public static NDArray patchEmbed(NDArray x, NDArray squeeze, NDArray weight, NDArray bias) {
        return ScriptModule.call("patch_embed_squeezed", x, squeeze, weight, bias);
    }

    /** {@code (x - mean) / std} of images {@code (B, C, H, W)} with C numbers each; safe in a recording. */
    public static NDArray standardize(NDArray x, List<Double> mean, List<Double> std) {
        return ScriptModule.call("standardize", x, ScriptModule.numbers(mean), ScriptModule.numbers(std));
    }

    /** {@code x std + mean}, the way back from {@link #standardize}. */
    public static NDArray unstandardize(NDArray x, List<Double> mean, List<Double> std) {
        return ScriptModule.call("unstandardize", x, ScriptModule.numbers(mean), ScriptModule.numbers(std));
    }

    private static NDArray resize(String method, NDArray x, int height, int width) {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("resize: expected a positive size, got " + height + "x" + width);
        }
        return ScriptModule.call(method, x, ScriptModule.scalar(height), ScriptModule.scalar(width));
    }
}
