// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;

/** Operators of adversarial training: what a critic's images go through, and what its losses are made of. */
public final class AdversarialKernels {
    private AdversarialKernels() {}

    /** {@code x / (y + eps)} clamped to [0, max], in the type of {@code x} also for scalars. */
    public static NDArray clampedRatio(NDArray x, NDArray y, double eps, double max) {
        return ScriptModule.call("clamped_ratio", x, y, ScriptModule.scalar(eps), ScriptModule.scalar(max));
    }

    /** {@code log(1 + exp(x))}, any shape. */
    public static NDArray softplus(NDArray x) {
        return ScriptModule.call("softplus", x);
    }

    /**
     * Values clamped to [-1, 1] and rounded to the 256 levels of a byte, halves to even; any shape, of no use for
     * gradients.
     */
    public static NDArray discretise(NDArray x) {
        return ScriptModule.call("discretise", x);
    }

    /**
     * A choice of rows and columns of images that have a border of zeros, one pixel wide, around them.
     *
     * @param x {@code (B, C, H, W)}
     * @param rows {@code (B, h)} int64 in 0 .. H + 1: 0 and H + 1 are the border
     * @param columns {@code (B, w)} int64 in 0 .. W + 1
     * @return {@code (B, C, h, w)}
     */
    public static NDArray pick(NDArray x, NDArray rows, NDArray columns) {
        return ScriptModule.call("pick", x, rows, columns);
    }

    /**
     * Brightness, saturation and contrast of images, in this order; nothing is clamped.
     *
     * @param x {@code (B, C, H, W)}
     * @param brightness {@code (B)}, added
     * @param saturation {@code (B)}, factor on the difference of a pixel from the mean of its channels
     * @param contrast {@code (B)}, factor on the difference from the mean of the sample
     * @return {@code (B, C, H, W)}
     */
    public static NDArray recolor(NDArray x, NDArray brightness, NDArray saturation, NDArray contrast) {
        return ScriptModule.call("recolor", x, brightness, saturation, contrast);
    }

    /**
     * Images {@code (B, C, H, W)} with zeros where the row, by flags {@code (B, H)} boolean, and the column, by flags
     * {@code (B, W)}, are both marked.
     */
    public static NDArray blank(NDArray x, NDArray rows, NDArray columns) {
        return ScriptModule.call("blank", x, rows, columns);
    }

    /**
     * Images {@code (B, C, H, W)}, mirrored at their borders, under a separable window.
     *
     * @param window weights {@code (2 r + 1)} of rows and columns, r below H and W
     */
    public static NDArray blur(NDArray x, NDArray window) {
        return ScriptModule.call("blur", x, window);
    }
}
