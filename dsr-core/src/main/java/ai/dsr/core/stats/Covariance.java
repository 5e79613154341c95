// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Mean and covariance of a stream of float32 rows, in float64: one {@code (L, L)} matrix whatever the number of rows.
 *
 * <p>Rows are centred on the mean of their block before they are multiplied, and blocks are joined as in
 * {@link RunningMoments}, so features far from zero lose no digits. Not safe for use by several threads.
 */
public final class Covariance {
    /** Bounds the float64 copy of the rows at {@code 1024 L} numbers; larger products are no faster. */
    static final int BLOCK = 1024;

    private final double[] mean;
    private INDArray scatter; // sum of (x - mean) (x - mean)^T; null before the first row
    private long count;

    /** An empty total of rows of {@code width} numbers, 1 or more. */
    public Covariance(int width) {
        if (width < 1) {
            throw new IllegalArgumentException("width: expected 1 or more, got " + width);
        }
        mean = new double[width];
    }

    /**
     * Adds the first {@code n} rows of {@code rows (n, L)}; further values, as of a partly filled buffer, are not read.
     *
     * @throws IllegalArgumentException if n is negative or the array is too short
     */
    public void add(float[] rows, int n) {
        RunningMoments.requireRows(rows.length, n, mean.length);
        for (int first = 0; first < n; first += BLOCK) {
            addBlock(rows, first, Math.min(BLOCK, n - first));
        }
    }

    /** How many rows were added. */
    public long count() {
        return count;
    }

    /**
     * Mean and unbiased covariance (the sum over {@code count - 1}) of all rows so far.
     *
     * @throws IllegalStateException if there are fewer than two rows
     * @throws IllegalArgumentException if a row held a value that is not finite
     */
    public Gaussian toGaussian() {
        if (count < 2) {
            throw new IllegalStateException("covariance: expected 2 rows or more, got " + count + "; add rows first");
        }
        return new Gaussian(mean, Matrices.valuesOver(scatter, (double) (count - 1)));
    }

    /** The block's own scatter, plus that of the two means, in one product: the latter is one more centred row. */
    private void addBlock(float[] rows, int first, int n) {
        int width = mean.length;
        int start = first * width;
        double[] blockMean = new double[width];
        for (int row = 0, from = start; row < n; row++, from += width) {
            for (int i = 0; i < width; i++) {
                blockMean[i] += rows[from + i];
            }
        }
        double[] centred = new double[(n + 1) * width];
        double total = (double) count + n;
        double scale = Math.sqrt(count / total * n);
        for (int i = 0, last = n * width; i < width; i++) {
            blockMean[i] /= n;
            double distance = blockMean[i] - mean[i];
            centred[last + i] = distance * scale;
            mean[i] += distance * (n / total);
        }
        for (int row = 0, to = 0; row < n; row++) {
            for (int i = 0; i < width; i++, to++) {
                centred[to] = rows[start + to] - blockMean[i];
            }
        }
        if (scatter == null) {
            scatter = Matrices.zeros(width);
        }
        try (INDArray x = Matrices.of(centred, n + 1L, width)) {
            Matrices.addGram(x, scatter);
        }
        count += n;
    }
}
