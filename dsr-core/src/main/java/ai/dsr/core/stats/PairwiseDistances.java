// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import ai.dsr.core.io.HalfFloats;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;

/**
 * Squared Euclidean distances {@code max(|u|^2 - 2 u.v + |v|^2, 0)} of two sets of features, a tile at a time.
 *
 * <p>Tiles have fixed places, so a distance does not depend on how many of them are asked for.
 */
final class PairwiseDistances {
    /** Divides {@link #BLOCK}; a tile of products takes some megabytes. */
    static final int TILE = 1000;

    /** Rows and columns over which ADM's evaluator decides between float16 and float32. */
    private static final int BLOCK = 10_000;

    /** A bound on float16 results below which no rounding can bring one to infinity (the largest half is 65,504). */
    private static final double SAFE_HALF = 60_000;

    private final FeatureRows u;
    private final FeatureRows v;
    private final DistanceType type;
    private final Boolean[][] isHalf; // by block; null: not decided yet

    PairwiseDistances(FeatureRows u, FeatureRows v, DistanceType type) {
        if (u.width() != v.width()) {
            throw new IllegalArgumentException(
                    "features: expected equal widths, got " + u.width() + " and " + v.width());
        }
        this.u = u;
        this.v = v;
        this.type = type;
        isHalf = new Boolean[(u.count() + BLOCK - 1) / BLOCK][(v.count() + BLOCK - 1) / BLOCK];
    }

    /** Receives a tile: {@code distances (n, m)} of the rows from {@code row} and the columns from {@code column}. */
    interface Visitor {
        void visit(int row, int n, int column, int m, double[] distances);
    }

    /** Hands out all tiles, row after row of them. */
    void forEach(Visitor visitor) {
        for (int row = 0; row < u.count(); row += TILE) {
            int n = Math.min(TILE, u.count() - row);
            double[] a = finite(u, row, n);
            for (int column = 0; column < v.count(); column += TILE) {
                int m = Math.min(TILE, v.count() - column);
                double[] b = finite(v, column, m);
                visitor.visit(row, n, column, m, distances(a, n, b, m, row / BLOCK, column / BLOCK));
            }
        }
    }

    private double[] distances(double[] a, int n, double[] b, int m, int blockRow, int blockColumn) {
        return switch (type) {
            case FLOAT64 -> inDouble(a, n, b, m);
            case FLOAT32 -> inFloat(a, n, b, m);
            case ADM -> isHalf(blockRow, blockColumn) ? inHalf(a, n, b, m) : inFloat(a, n, b, m);
        };
    }

    private double[] inDouble(double[] a, int n, double[] b, int m) {
        double[] result = Matrices.products(a, n, b, m, u.width());
        double[] normA = norms(a, n);
        double[] normB = norms(b, m);
        eachRow(n, i -> {
            for (int j = 0, at = i * m; j < m; j++, at++) {
                result[at] = Math.max(normA[i] - 2 * result[at] + normB[j], 0);
            }
        });
        return result;
    }

    private double[] inFloat(double[] a, int n, double[] b, int m) {
        float[] floatA = toFloats(a, false);
        float[] floatB = toFloats(b, false);
        float[] products = Matrices.products(floatA, n, floatB, m, u.width());
        double[] normA = norms(toDoubles(floatA), n);
        double[] normB = norms(toDoubles(floatB), m);
        double[] result = new double[n * m];
        eachRow(n, i -> {
            float norm = (float) normA[i];
            for (int j = 0, at = i * m; j < m; j++, at++) {
                result[at] = Math.max(norm - 2 * products[at] + (float) normB[j], 0);
            }
        });
        return result;
    }

    /** NaN, as from infinity minus infinity, survives the clamp: it is what makes a block unfit for float16. */
    private double[] inHalf(double[] a, int n, double[] b, int m) {
        float[] halfA = toFloats(a, true);
        float[] halfB = toFloats(b, true);
        float[] products = Matrices.products(halfA, n, halfB, m, u.width());
        double[] normA = norms(toDoubles(halfA), n);
        double[] normB = norms(toDoubles(halfB), m);
        double[] result = new double[n * m];
        eachRow(n, i -> {
            float norm = HalfFloats.roundToHalf((float) normA[i]);
            for (int j = 0, at = i * m; j < m; j++, at++) {
                float twice = HalfFloats.roundToHalf(2 * HalfFloats.roundToHalf(products[at]));
                float difference = HalfFloats.roundToHalf(norm - twice);
                float sum = HalfFloats.roundToHalf(difference + HalfFloats.roundToHalf((float) normB[j]));
                result[at] = Math.max(sum, 0);
            }
        });
        return result;
    }

    /** Whether all distances of a block are finite in float16; by a bound if that is enough. */
    private boolean isHalf(int blockRow, int blockColumn) {
        if (isHalf[blockRow][blockColumn] == null) {
            double reach = longest(u, blockRow) + longest(v, blockColumn);
            isHalf[blockRow][blockColumn] = reach * reach < SAFE_HALF || isFiniteInHalf(blockRow, blockColumn);
        }
        return isHalf[blockRow][blockColumn];
    }

    private boolean isFiniteInHalf(int blockRow, int blockColumn) {
        int lastRow = Math.min(u.count(), (blockRow + 1) * BLOCK);
        int lastColumn = Math.min(v.count(), (blockColumn + 1) * BLOCK);
        for (int row = blockRow * BLOCK; row < lastRow; row += TILE) {
            int n = Math.min(TILE, lastRow - row);
            double[] a = u.rows(row, n);
            for (int column = blockColumn * BLOCK; column < lastColumn; column += TILE) {
                int m = Math.min(TILE, lastColumn - column);
                for (double distance : inHalf(a, n, v.rows(column, m), m)) {
                    if (!Double.isFinite(distance)) {
                        return false;
                    }
                }
            }
        }
        return true;
    }

    /** The largest norm of a block's features; each is at most 2^-11 of itself longer after rounding. */
    private static double longest(FeatureRows features, int block) {
        double largest = 0;
        int last = Math.min(features.count(), (block + 1) * BLOCK);
        for (int first = block * BLOCK; first < last; first += TILE) {
            int n = Math.min(TILE, last - first);
            for (double norm : norms(features.rows(first, n), n)) {
                largest = Math.max(largest, norm);
            }
        }
        return Math.sqrt(largest);
    }

    private static double[] finite(FeatureRows features, int first, int n) {
        double[] rows = features.rows(first, n);
        for (double value : rows) {
            if (!Double.isFinite(value)) {
                throw new IllegalArgumentException("features: expected finite values, got " + value);
            }
        }
        return rows;
    }

    private static double[] norms(double[] rows, int n) {
        double[] norms = new double[n];
        int width = rows.length / n;
        for (int i = 0, at = 0; i < n; i++) {
            for (int j = 0; j < width; j++, at++) {
                norms[i] += rows[at] * rows[at];
            }
        }
        return norms;
    }

    private static float[] toFloats(double[] values, boolean isHalf) {
        float[] floats = new float[values.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = isHalf ? HalfFloats.roundToHalf((float) values[i]) : (float) values[i];
        }
        return floats;
    }

    private static double[] toDoubles(float[] values) {
        double[] doubles = new double[values.length];
        for (int i = 0; i < doubles.length; i++) {
            doubles[i] = values[i];
        }
        return doubles;
    }

    private static void eachRow(int n, IntConsumer row) {
        IntStream.range(0, n).parallel().forEach(row);
    }
}
