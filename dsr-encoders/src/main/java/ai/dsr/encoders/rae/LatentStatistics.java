// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.tensor.TensorScope;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Running mean and variance of latents over a data set.
 *
 * <p>Latents {@code (B, C, h, w)} have one value a channel and position; {@code (B, C)} and {@code (B, C, ...)} of three or
 * five axes one a channel, over everything else. Sums are float64 on the host, so parts may be merged in any order.
 */
public final class LatentStatistics {
    // Deviation: released code sums in float32, which loses digits of the variance; there is no switch, values agree to
    // 1e-4.
    private long count;
    private long[] shape;
    private double[] sum;
    private double[] squares;

    /** Adds a batch; the first one decides the shape. */
    public void add(NDArray latents) {
        Shape s = latents.getShape();
        boolean isImage = s.dimension() == 4;
        if (s.dimension() < 2 || s.dimension() > 5 || s.size() == 0) {
            throw new IllegalArgumentException("latents: expected a batch of 2 to 5 axes, got " + s);
        }
        int[] axes = isImage ? new int[] {0} : axesWithoutChannel(s.dimension());
        long[] kept = isImage ? s.slice(1).getShape() : new long[] {s.get(1)};
        try (TensorScope scope = TensorScope.under(latents.getManager())) {
            NDArray handle = latents.reshape(s);
            handle.attach(scope.manager());
            NDArray x = handle.toType(DataType.FLOAT64, false);
            accumulate(
                    kept,
                    x.sum(axes).toDoubleArray(),
                    x.mul(x).sum(axes).toDoubleArray(),
                    isImage ? s.get(0) : s.size() / s.get(1));
        }
    }

    /** Adds what another one has seen. */
    public void merge(LatentStatistics other) {
        if (other.count > 0) {
            accumulate(other.shape, other.sum, other.squares, other.count);
        }
    }

    private void accumulate(long[] partShape, double[] partSum, double[] partSquares, long partCount) {
        if (shape == null) {
            shape = partShape.clone();
            sum = new double[partSum.length];
            squares = new double[partSum.length];
        } else if (!Arrays.equals(shape, partShape)) {
            throw new IllegalArgumentException(
                    "latents: expected statistics of shape " + new Shape(shape) + ", got " + new Shape(partShape));
        }
        for (int i = 0; i < sum.length; i++) {
            sum[i] += partSum[i];
            squares[i] += partSquares[i];
        }
        count += partCount;
    }

    /** Samples a value: images for four axes, otherwise images times positions. */
    public long count() {
        return count;
    }

    /** The mean, {@code (C, h, w)} or {@code (C)}, float32. */
    public TensorData mean() {
        requireData();
        float[] values = new float[sum.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (sum[i] / count);
        }
        return TensorData.of(values, shape);
    }

    /** The biased variance, in the shape of the mean, float32. */
    public TensorData variance() {
        requireData();
        float[] values = new float[sum.length];
        for (int i = 0; i < values.length; i++) {
            double mean = sum[i] / count;
            values[i] = (float) Math.max(squares[i] / count - mean * mean, 0);
        }
        return TensorData.of(values, shape);
    }

    /** Writes {@code mean} and {@code var} to a safetensors file, atomically, for {@link LatentNormalizer}. */
    public void write(Path file) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        tensors.put("mean", mean());
        tensors.put("var", variance());
        SafeTensors.write(file, tensors, Map.of("count", Long.toString(count)));
    }

    private void requireData() {
        if (count == 0) {
            throw new IllegalStateException("latent statistics: expected at least one batch, got none");
        }
    }

    private static int[] axesWithoutChannel(int dimension) {
        int[] axes = new int[dimension - 1];
        for (int i = 1; i < axes.length; i++) {
            axes[i] = i + 1;
        }
        return axes;
    }
}
