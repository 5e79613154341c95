// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

/**
 * Mean and variance of every column of a stream of float32 rows, in float64 and in memory that does not grow.
 *
 * <p>Each block of rows is reduced in two passes and then joined to the total (Chan, Golub and LeVeque, 1983), so
 * columns far from zero lose no digits, and totals of several workers can be merged. Not safe for use by several
 * threads.
 */
public final class RunningMoments {
    private final double[] mean;
    private final double[] squares;
    private long count;

    /** An empty total of {@code width} columns, 1 or more. */
    public RunningMoments(int width) {
        if (width < 1) {
            throw new IllegalArgumentException("width: expected 1 or more, got " + width);
        }
        mean = new double[width];
        squares = new double[width];
    }

    /**
     * Adds the first {@code n} rows of {@code rows (n, L)}; further values, as of a partly filled buffer, are not read.
     *
     * @throws IllegalArgumentException if n is negative or the array is too short
     */
    public void add(float[] rows, int n) {
        int width = mean.length;
        requireRows(rows.length, n, width);
        if (n == 0) {
            return;
        }
        double[] blockMean = new double[width];
        for (int row = 0, from = 0; row < n; row++, from += width) {
            for (int i = 0; i < width; i++) {
                blockMean[i] += rows[from + i];
            }
        }
        for (int i = 0; i < width; i++) {
            blockMean[i] /= n;
        }
        double[] blockSquares = new double[width];
        for (int row = 0, from = 0; row < n; row++, from += width) {
            for (int i = 0; i < width; i++) {
                double distance = rows[from + i] - blockMean[i];
                blockSquares[i] += distance * distance;
            }
        }
        join(n, blockMean, blockSquares);
    }

    /** Adds all rows that another total has seen; the other one stays as it is. */
    public void merge(RunningMoments other) {
        if (other.mean.length != mean.length) {
            throw new IllegalArgumentException("moments: expected width " + mean.length + ", got " + other.mean.length);
        }
        if (other.count > 0) {
            join(other.count, other.mean, other.squares);
        }
    }

    /** How many rows were added. */
    public long count() {
        return count;
    }

    /** Mean of every column, {@code (L)}. */
    public double[] mean() {
        requireSome();
        return mean.clone();
    }

    /** Biased variance of every column, {@code (L)}: the sum of squared distances from the mean over the count. */
    public double[] variance() {
        requireSome();
        double[] variance = new double[squares.length];
        for (int i = 0; i < variance.length; i++) {
            variance[i] = squares[i] / count;
        }
        return variance;
    }

    /** Fails unless {@code length} values hold {@code n} rows of the width. */
    static void requireRows(int length, int n, int width) {
        if (n < 0 || length < (long) n * width) {
            throw new IllegalArgumentException(
                    "rows: expected " + n + " rows of " + width + " values, got " + length + " values");
        }
    }

    private void join(long otherCount, double[] otherMean, double[] otherSquares) {
        double total = (double) count + otherCount;
        double share = otherCount / total;
        double weight = count * share;
        for (int i = 0; i < mean.length; i++) {
            double distance = otherMean[i] - mean[i];
            squares[i] += otherSquares[i] + distance * distance * weight;
            mean[i] += distance * share;
        }
        count += otherCount;
    }

    private void requireSome() {
        if (count == 0) {
            throw new IllegalStateException("moments: expected 1 row or more, got 0; add rows first");
        }
    }
}
