// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import java.util.Arrays;

/** Feature vectors of a set of images, {@code (N, D)}, which may lie on disk: statistics read some rows at a time. */
public interface FeatureRows {
    /** Number of vectors N. */
    int count();

    /** Numbers in a vector D. */
    int width();

    /** A new array of the rows {@code first .. first + n - 1}, {@code (n, D)} row-major. */
    double[] rows(int first, int n);

    /** Rows in memory; the array {@code (N, D)} must not change. */
    static FeatureRows of(float[] values, int width) {
        RunningMoments.requireRows(values.length, values.length / width, width);
        return new FeatureRows() {
            @Override
            public int count() {
                return values.length / width;
            }

            @Override
            public int width() {
                return width;
            }

            @Override
            public double[] rows(int first, int n) {
                double[] rows = new double[n * width];
                for (int i = 0; i < rows.length; i++) {
                    rows[i] = values[first * width + i];
                }
                return rows;
            }
        };
    }

    /** Rows in memory; the array {@code (N, D)} must not change. */
    static FeatureRows of(double[] values, int width) {
        return new FeatureRows() {
            @Override
            public int count() {
                return values.length / width;
            }

            @Override
            public int width() {
                return width;
            }

            @Override
            public double[] rows(int first, int n) {
                return Arrays.copyOfRange(values, first * width, (first + n) * width);
            }
        };
    }
}
