// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.tensor.EngineArray;

/** Operators of the convolutional networks that score images, and measures between images. */
public final class ConvKernels {
    private static final int FLOAT32 = 6; // torch's numbers of types
    private static final int BFLOAT16 = 15;

    private ConvKernels() {}

    /**
     * Convolution without bias, batch norm with running statistics, ReLU.
     *
     * @param x {@code (B, I, H, W)}
     * @param weight {@code (O, I, kh, kw)}
     * @param norm scale, shift, running mean and running variance, {@code (O)} each
     * @param stride of both axes
     * @param padHeight zeros above and below
     * @param padWidth zeros left and right
     * @return {@code (B, O, H', W')}
     */
    public static NDArray convNormRelu(
            NDArray x, NDArray weight, NDArray[] norm, double eps, int stride, int padHeight, int padWidth) {
        return ScriptModule.call(
                "conv_norm_relu",
                x,
                weight,
                norm[0],
                norm[1],
                norm[2],
                norm[3],
                ScriptModule.scalar(eps),
                ScriptModule.scalar(stride),
                ScriptModule.scalar(padHeight),
                ScriptModule.scalar(padWidth));
    }

    /**
     * Convolution of 3 x 3 pixels with zeros around the image, ReLU.
     *
     * @param x {@code (B, I, H, W)}
     * @param weight {@code (O, I, 3, 3)}
     * @param bias {@code (O)}
     * @return {@code (B, O, H, W)}
     */
    public static NDArray conv3Relu(NDArray x, NDArray weight, NDArray bias) {
        return ScriptModule.call("conv3_relu", x, weight, bias);
    }

    /** Maximum over 2 x 2 windows of {@code (B, C, H, W)}; a last odd row or column is left out. */
    public static NDArray maxPool2(NDArray x) {
        return ScriptModule.call("max_pool2", x);
    }

    /** Maximum over 3 x 3 windows of {@code (B, C, H, W)}; sizes are rounded down, padding never wins. */
    public static NDArray maxPool3(NDArray x, int stride, int padding) {
        return ScriptModule.call("max_pool3", x, ScriptModule.scalar(stride), ScriptModule.scalar(padding));
    }

    /** Mean over the pixels of 3 x 3 windows that lie inside the image, stride 1; keeps {@code (B, C, H, W)}. */
    public static NDArray averagePool3(NDArray x) {
        return ScriptModule.call("avg_pool3", x);
    }

    /**
     * The bilinear resize of TensorFlow 1 ({@code resize_bilinear} with neither option): sample i lies at
     * {@code i * (in / out)} in float32, without half-pixel centres or antialias.
     *
     * @param x {@code (B, C, H, W)} float32
     * @return {@code (B, C, height, width)}; nothing is rounded or clamped
     */
    public static NDArray legacyBilinear(NDArray x, int height, int width) {
        NDArray wide = legacyAxis(x, 3, width);
        return legacyAxis(wide, 2, height);
    }

    private static NDArray legacyAxis(NDArray x, int axis, int out) {
        int in = (int) x.getShape().get(axis);
        float scale = (float) in / out;
        long[] low = new long[out];
        long[] high = new long[out];
        float[] fraction = new float[out];
        for (int i = 0; i < out; i++) {
            float position = i * scale;
            low[i] = (long) position;
            high[i] = Math.min(low[i] + 1, in - 1);
            fraction[i] = position - low[i];
        }
        NDManager manager = x.getManager();
        Shape shape = axis == 3 ? new Shape(out) : new Shape(out, 1);
        return ScriptModule.call(
                "interpolate_axis",
                x,
                EngineArray.of(manager, low),
                EngineArray.of(manager, high),
                EngineArray.of(manager, fraction, shape),
                ScriptModule.scalar(axis));
    }

    /**
     * Values in [0, 1] as bytes: clamped, times 255 in the given type, cut off.
     *
     * @param x any shape
     * @param type FLOAT32, or BFLOAT16, in which the product is rounded to 8 significant bits first
     * @return the same shape in UINT8
     */
    public static NDArray levels(NDArray x, DataType type) {
        if (type != DataType.FLOAT32 && type != DataType.BFLOAT16) {
            throw new IllegalArgumentException("levels: expected float32 or bfloat16, got " + type);
        }
        return ScriptModule.call("levels", x, ScriptModule.scalar(type == DataType.BFLOAT16 ? BFLOAT16 : FLOAT32));
    }

    /**
     * Structural similarity (Wang et al., 2004) at every pixel; the images are mirrored at their borders.
     *
     * @param x {@code (B, C, H, W)}
     * @param y the same shape and type
     * @param window weights {@code (k)} of rows and columns, k odd; H and W above k / 2
     * @param c1 constant of the means
     * @param c2 constant of the variances
     * @return {@code (B, C, H, W)}
     */
    public static NDArray ssimMap(NDArray x, NDArray y, NDArray window, double c1, double c2) {
        return ScriptModule.call("ssim_map", x, y, window, ScriptModule.scalar(c1), ScriptModule.scalar(c2));
    }
}
