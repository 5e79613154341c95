// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

/**
 * Mean and covariance of a set of feature vectors of {@code D} numbers.
 *
 * @param mean {@code (D)}
 * @param covariance {@code (D, D)} row-major, symmetric
 */
@SuppressWarnings("ArrayRecordComponent") // copied in and out; compared by nobody
public record Gaussian(double[] mean, double[] covariance) {
    /** Checks sizes and values and copies the arrays. */
    public Gaussian {
        if (mean.length == 0 || covariance.length != (long) mean.length * mean.length) {
            throw new IllegalArgumentException("covariance: expected " + mean.length + " x " + mean.length
                    + " values for a mean of " + mean.length + ", got " + covariance.length);
        }
        requireFinite("mean", mean);
        requireFinite("covariance", covariance);
        mean = mean.clone();
        covariance = covariance.clone();
    }

    /**
     * Mean and unbiased covariance of the first {@code n} rows of {@code features (n, D)}, 2 or more, in float64.
     *
     * @throws IllegalArgumentException if there are too few rows or a value is not finite
     */
    public static Gaussian of(float[] features, int n, int width) {
        Covariance covariance = new Covariance(width);
        covariance.add(features, n);
        return covariance.toGaussian();
    }

    /**
     * Mean and unbiased covariance of float32 features that may lie on disk, 2 or more, in blocks of fixed places.
     *
     * @throws IllegalArgumentException if there are too few rows or a value is not finite
     */
    public static Gaussian of(FeatureRows features) {
        if (features.count() < 2) {
            throw new IllegalArgumentException("features: expected 2 images or more, got " + features.count());
        }
        Covariance covariance = new Covariance(features.width());
        for (int first = 0; first < features.count(); first += Covariance.BLOCK) {
            int n = Math.min(Covariance.BLOCK, features.count() - first);
            double[] rows = features.rows(first, n);
            float[] floats = new float[rows.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) rows[i];
            }
            covariance.add(floats, n);
        }
        return covariance.toGaussian();
    }

    /** The number of features D. */
    public int width() {
        return mean.length;
    }

    /** A copy of the mean, {@code (D)}. */
    @Override
    public double[] mean() {
        return mean.clone();
    }

    /** A copy of the covariance, {@code (D, D)} row-major. */
    @Override
    public double[] covariance() {
        return covariance.clone();
    }

    private static void requireFinite(String name, double[] values) {
        for (int i = 0; i < values.length; i++) {
            if (!Double.isFinite(values[i])) {
                throw new IllegalArgumentException(
                        name + ": expected finite values, got " + values[i] + " at index " + i);
            }
        }
    }
}
