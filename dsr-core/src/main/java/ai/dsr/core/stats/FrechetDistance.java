// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import org.nd4j.linalg.api.ndarray.INDArray;

/**
 * Distance of two normal distributions (Fréchet, 1957), the number behind FID (Heusel et al., 2017).
 *
 * <p>{@code |m1 - m2|^2 + tr S1 + tr S2 - 2 tr (S1 S2)^(1/2)}. The last trace comes from two symmetric eigenvalue
 * problems rather than from a general matrix square root: with {@code S1 = B B^T} it is the sum of the square roots of
 * the eigenvalues of {@code B^T S2 B}. Singular covariances need no special care; eigenvalues that rounding has made
 * negative count as zero. The distance itself is not clamped, so of equal distributions it may be a little below zero.
 *
 * @param distance the squared distance, as it is published
 * @param meanTerm its part from the means
 * @param traceSqrt {@code tr (S1 S2)^(1/2)}
 */
public record FrechetDistance(double distance, double meanTerm, double traceSqrt) {
    /**
     * The distance of two distributions of equal width.
     *
     * @throws IllegalArgumentException if the widths differ
     */
    public static FrechetDistance between(Gaussian a, Gaussian b) {
        return withOffset(a, b, 0);
    }

    /**
     * The distance with {@code offset} added to both diagonals under the square root, and only there.
     *
     * <p>This is what ADM's evaluator falls back to (offset 1e-6) when its general square root fails. It differs from
     * the distance for rank-deficient covariances, so it is never the default here.
     */
    public static FrechetDistance withOffset(Gaussian a, Gaussian b, double offset) {
        int width = a.width();
        if (b.width() != width) {
            throw new IllegalArgumentException("features: expected equal widths, got " + width + " and " + b.width());
        }
        double[] mean1 = a.mean();
        double[] mean2 = b.mean();
        double[] covariance1 = a.covariance();
        double[] covariance2 = b.covariance();
        double meanTerm = 0;
        double traces = 0;
        for (int i = 0, diagonal = 0; i < width; i++, diagonal += width + 1) {
            meanTerm += (mean1[i] - mean2[i]) * (mean1[i] - mean2[i]);
            traces += covariance1[diagonal] + covariance2[diagonal];
            covariance1[diagonal] += offset;
            covariance2[diagonal] += offset;
        }
        double traceSqrt = traceOfRoot(covariance1, covariance2, width);
        return new FrechetDistance(meanTerm + traces - 2 * traceSqrt, meanTerm, traceSqrt);
    }

    private static double traceOfRoot(double[] covariance1, double[] covariance2, int width) {
        try (INDArray vectors = Matrices.of(covariance1, width, width);
                INDArray second = Matrices.of(covariance2, width, width)) {
            double[] roots = Matrices.eigenvectorsInPlace(vectors);
            for (int i = 0; i < width; i++) {
                roots[i] = Math.sqrt(Math.max(roots[i], 0));
            }
            try (INDArray scale = Matrices.of(roots, 1, width)) {
                vectors.muliRowVector(scale); // now B with S1 = B B^T
            }
            try (INDArray right = Matrices.product(second, false, vectors);
                    INDArray inner = Matrices.product(vectors, true, right)) {
                double sum = 0;
                for (double value : Matrices.eigenvalues(inner)) {
                    sum += Math.sqrt(Math.max(value, 0));
                }
                return sum;
            }
        }
    }
}
