// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.images;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.ConvKernels;
import ai.dsr.core.tensor.EngineArray;
import java.util.Arrays;

/** How close images are to others, one number an image; values lie in [0, 1], statistics are taken in float64. */
public final class ImageQuality {
    /** Below this mean squared error images count as equal: 100 dB. */
    private static final double LEAST_ERROR = 1e-10;

    private static final int WINDOW = 11;
    private static final double SIGMA = 1.5;
    private static final double C1 = 0.01 * 0.01;
    private static final double C2 = 0.03 * 0.03;

    private ImageQuality() {}

    /** Mean over images of {@link #psnrEach}. */
    public static double psnr(NDArray reconstructions, NDArray originals) {
        return Arrays.stream(psnrEach(reconstructions, originals)).average().orElseThrow();
    }

    /** Peak signal-to-noise ratio in dB, {@code (B)}; arguments {@code (B, 3, H, W)}, the first is clamped to [0, 1]. */
    public static double[] psnrEach(NDArray reconstructions, NDArray originals) {
        try (NDManager scope = reconstructions.getManager().newSubManager()) {
            NDArray error = meanOf(in(scope, reconstructions)
                    .clip(0, 1)
                    .sub(in(scope, originals))
                    .square());
            return error.maximum(LEAST_ERROR).log10().mul(-10).toDoubleArray();
        }
    }

    /** Mean absolute error, {@code (B)}; arguments {@code (B, 3, H, W)}, the first is clamped to [0, 1]. */
    public static double[] l1Each(NDArray reconstructions, NDArray originals) {
        try (NDManager scope = reconstructions.getManager().newSubManager()) {
            return meanOf(in(scope, reconstructions)
                            .clip(0, 1)
                            .sub(in(scope, originals))
                            .abs())
                    .toDoubleArray();
        }
    }

    /**
     * Structural similarity (Wang et al., 2004), {@code (B)}: window 11 x 11 of deviation 1.5, images mirrored at their
     * borders, mean over channels and positions.
     *
     * @param reconstructions {@code (B, 3, H, W)}, sides above 5; clamped to [0, 1]
     * @param isCropped whether the 5 outermost positions are left out, as torchmetrics did up to 1.4
     */
    public static double[] ssimEach(NDArray reconstructions, NDArray originals, boolean isCropped) {
        Shape shape = reconstructions.getShape();
        int margin = WINDOW / 2;
        int least = isCropped ? 2 * margin : margin;
        if (Math.min(shape.get(2), shape.get(3)) <= least) {
            throw new IllegalArgumentException(
                    "ssim: expected images with sides above " + least + ", got " + shape.get(2) + "x" + shape.get(3));
        }
        try (NDManager scope = reconstructions.getManager().newSubManager()) {
            NDArray map = ConvKernels.ssimMap(
                    in(scope, reconstructions).clip(0, 1),
                    in(scope, originals),
                    EngineArray.of(scope, window()),
                    C1,
                    C2);
            return meanOf(isCropped ? cropped(map, margin) : map).toDoubleArray();
        }
    }

    /**
     * Bytes as the reference's evaluation reads them: divided by 255 only if the largest of the batch is above 1, so
     * that a batch of nothing but 0 and 1 counts as already scaled.
     *
     * <p>Deviation: only for numbers that are to equal the reference's; {@code evaluate} always divides.
     *
     * @param bytes {@code (B, H, W, 3)} uint8
     * @return {@code (B, 3, H, W)} float32
     */
    public static NDArray guessRange(NDArray bytes) {
        NDArray values = bytes.toType(DataType.FLOAT32, false).transpose(0, 3, 1, 2);
        return values.max().toFloatArray()[0] > 1 ? values.div(255f) : values;
    }

    private static NDArray in(NDManager scope, NDArray x) {
        NDArray copy = x.toType(DataType.FLOAT64, true);
        copy.attach(scope);
        return copy;
    }

    private static NDArray meanOf(NDArray x) {
        return x.reshape(x.getShape().get(0), -1).mean(new int[] {1}); // (B)
    }

    private static NDArray cropped(NDArray map, int margin) {
        Shape shape = map.getShape();
        return map.get(new NDIndex()
                .addAllDim()
                .addAllDim()
                .addSliceDim(margin, shape.get(2) - margin)
                .addSliceDim(margin, shape.get(3) - margin));
    }

    private static double[] window() {
        double[] weights = new double[WINDOW];
        double sum = 0;
        for (int i = 0; i < WINDOW; i++) {
            double distance = i - WINDOW / 2;
            weights[i] = Math.exp(-distance * distance / (2 * SIGMA * SIGMA));
            sum += weights[i];
        }
        for (int i = 0; i < WINDOW; i++) {
            weights[i] /= sum;
        }
        return weights;
    }
}
