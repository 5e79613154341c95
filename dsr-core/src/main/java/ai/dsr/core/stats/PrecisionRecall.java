// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import java.util.Arrays;

/**
 * Precision and recall of a generator by nearest neighbours (Kynkäänniemi et al., 2019).
 *
 * <p>Around each feature of a set lies a ball that reaches to its k-th nearest neighbour in the same set. Precision is
 * the share of samples inside some ball of the reference, recall the share of reference features inside some ball of the
 * samples; the boundary is inside.
 */
@SuppressWarnings("ArrayRecordComponent") // plain results, compared by nobody
public record PrecisionRecall(double precision, double recall, double[] radiiReference, double[] radiiSamples) {
    /** Neighbours in ADM's evaluator and in most published numbers. */
    public static final int NEIGHBOURS = 3;

    private static final double LEAST_SUM = 1e-5; // torch-fidelity's guard of the F-score

    /**
     * Compares two sets of features.
     *
     * @param neighbours k, 1 or more; each set needs more than k features
     * @throws IllegalArgumentException if a set is too small, widths differ or a value is not finite
     */
    public static PrecisionRecall of(FeatureRows reference, FeatureRows samples, int neighbours, DistanceType type) {
        double[] radiiReference = radii("reference", reference, neighbours, type);
        double[] radiiSamples = radii("samples", samples, neighbours, type);
        boolean[] isReferenceCovered = new boolean[reference.count()];
        boolean[] isSampleCovered = new boolean[samples.count()];
        new PairwiseDistances(reference, samples, type).forEach((row, n, column, m, distances) -> {
            for (int i = 0, at = 0; i < n; i++) {
                for (int j = 0; j < m; j++, at++) {
                    isSampleCovered[column + j] |= distances[at] <= radiiReference[row + i];
                    isReferenceCovered[row + i] |= distances[at] <= radiiSamples[column + j];
                }
            }
        });
        return new PrecisionRecall(share(isSampleCovered), share(isReferenceCovered), radiiReference, radiiSamples);
    }

    /** Harmonic mean of precision and recall. */
    public double fScore() {
        return 2 * precision * recall / Math.max(LEAST_SUM, precision + recall);
    }

    /** Squared distance of each feature to its k-th nearest neighbour; the feature itself is the 0-th. */
    private static double[] radii(String name, FeatureRows features, int neighbours, DistanceType type) {
        if (neighbours < 1) {
            throw new IllegalArgumentException("nhood_size: expected 1 or more, got " + neighbours);
        }
        if (features.count() <= neighbours) {
            throw new IllegalArgumentException(name + ": expected more than nhood_size (" + neighbours
                    + ") images for precision and recall, got " + features.count());
        }
        int kept = neighbours + 1;
        double[] nearest = new double[features.count() * kept]; // ascending, by row
        Arrays.fill(nearest, Double.POSITIVE_INFINITY);
        new PairwiseDistances(features, features, type).forEach((row, n, column, m, distances) -> {
            for (int i = 0, at = 0; i < n; i++) {
                int last = (row + i) * kept + neighbours;
                for (int j = 0; j < m; j++, at++) {
                    if (distances[at] < nearest[last]) {
                        insert(nearest, last, last - neighbours, distances[at]);
                    }
                }
            }
        });
        double[] radii = new double[features.count()];
        for (int i = 0; i < radii.length; i++) {
            radii[i] = nearest[i * kept + neighbours];
        }
        return radii;
    }

    private static void insert(double[] sorted, int last, int first, double value) {
        int at = last;
        for (; at > first && sorted[at - 1] > value; at--) {
            sorted[at] = sorted[at - 1];
        }
        sorted[at] = value;
    }

    private static double share(boolean[] flags) {
        int count = 0;
        for (boolean flag : flags) {
            count += flag ? 1 : 0;
        }
        return (double) count / flags.length;
    }
}
