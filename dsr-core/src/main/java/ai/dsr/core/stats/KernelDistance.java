// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import ai.dsr.core.random.NumpyRandom;

/**
 * Kernel distance of two sets of features (KID, Bińkowski et al., 2018): the unbiased squared maximum mean discrepancy
 * over random subsets, in float64. It has no bias from the number of images and may be negative.
 *
 * @param mmd2 the estimate of each subset
 * @param mean their mean, as it is published
 * @param std their population standard deviation
 */
@SuppressWarnings("ArrayRecordComponent") // plain results, compared by nobody
public record KernelDistance(double[] mmd2, double mean, double std) {
    /** Subsets of torch-fidelity. */
    public static final int SUBSETS = 100;

    /** Images in a subset of torch-fidelity. */
    public static final int SUBSET_SIZE = 1000;

    /** Seed of torch-fidelity's subsets. */
    public static final int SEED = 2020;

    /**
     * Which rows make the subsets, {@code (S, m)} for each set.
     *
     * @param first rows of the first set
     * @param second rows of the second set
     */
    @SuppressWarnings("ArrayRecordComponent")
    public record Subsets(int[][] first, int[][] second) {
        /**
         * The subsets that torch-fidelity draws from NumPy's legacy generator.
         *
         * @throws IllegalArgumentException if a set has fewer than {@code size} images
         */
        public static Subsets draw(int n1, int n2, int count, int size, int seed) {
            if (size < 2 || size > Math.min(n1, n2)) {
                throw new IllegalArgumentException(
                        "kid_subset_size: expected 2 to the number of images (" + Math.min(n1, n2) + "), got " + size);
            }
            NumpyRandom random = new NumpyRandom(seed);
            int[][] first = new int[count][];
            int[][] second = new int[count][];
            for (int s = 0; s < count; s++) {
                first[s] = random.choice(n1, size);
                second[s] = random.choice(n2, size);
            }
            return new Subsets(first, second);
        }
    }

    /**
     * Compares two sets of features.
     *
     * @throws IllegalArgumentException if widths differ or there is no subset of at least two rows
     */
    public static KernelDistance of(FeatureRows x, FeatureRows y, FeatureKernel kernel, Subsets subsets) {
        if (x.width() != y.width()) {
            throw new IllegalArgumentException(
                    "features: expected equal widths, got " + x.width() + " and " + y.width());
        }
        double[] estimates = new double[subsets.first.length];
        for (int s = 0; s < estimates.length; s++) {
            estimates[s] = estimate(gather(x, subsets.first[s]), gather(y, subsets.second[s]), x.width(), kernel);
        }
        if (estimates.length == 0) {
            throw new IllegalArgumentException("kid_subsets: expected 1 or more, got 0");
        }
        double mean = 0;
        for (double estimate : estimates) {
            mean += estimate / estimates.length;
        }
        double variance = 0;
        for (double estimate : estimates) {
            variance += (estimate - mean) * (estimate - mean) / estimates.length;
        }
        return new KernelDistance(estimates, mean, Math.sqrt(variance));
    }

    private static double estimate(double[] x, double[] y, int width, FeatureKernel kernel) {
        double m = (double) x.length / width;
        double within = sum(x, x, width, kernel, true) + sum(y, y, width, kernel, true);
        return within / (m * (m - 1)) - 2 / (m * m) * sum(x, y, width, kernel, false);
    }

    /** The kernel summed over all pairs; without the pairs of a vector with itself if {@code isWithin}. */
    private static double sum(double[] x, double[] y, int width, FeatureKernel kernel, boolean isWithin) {
        int n = x.length / width;
        int m = y.length / width;
        double[] products = Matrices.products(x, n, y, m, width);
        double[] normX = norms(x, width);
        double[] normY = norms(y, width);
        double sum = 0;
        for (int i = 0, at = 0; i < n; i++) {
            for (int j = 0; j < m; j++, at++) {
                if (!isWithin || i != j) {
                    sum += kernel.of(products[at], normX[i], normY[j]);
                }
            }
        }
        return sum;
    }

    private static double[] norms(double[] rows, int width) {
        double[] norms = new double[rows.length / width];
        for (int i = 0; i < rows.length; i++) {
            norms[i / width] += rows[i] * rows[i];
        }
        return norms;
    }

    private static double[] gather(FeatureRows rows, int[] indices) {
        int width = rows.width();
        double[] gathered = new double[indices.length * width];
        for (int i = 0; i < indices.length; i++) {
            System.arraycopy(rows.rows(indices[i], 1), 0, gathered, i * width, width);
        }
        return gathered;
    }
}
