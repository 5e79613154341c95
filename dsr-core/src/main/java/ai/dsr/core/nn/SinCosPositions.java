// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

/**
 * Fixed sine-cosine codes of the positions of a square grid, as in MAE (He et al., 2022) and DiT.
 *
 * <p>The first half of the width encodes the column, the second the row; each half holds all sines, then all cosines, of
 * the frequencies {@code 10000^(-k/(D/4))}. Computed in float64.
 */
public final class SinCosPositions {
    private static final double BASE = 10000;

    private SinCosPositions() {}

    /**
     * The table of a {@code side x side} grid, {@code (side * side, width)} in row-major order.
     *
     * @throws IllegalArgumentException if the width is not a multiple of 4
     */
    public static float[] table(int width, int side) {
        if (width % 4 != 0) {
            throw new IllegalArgumentException("hidden_size: expected a multiple of 4 for positions, got " + width);
        }
        float[] table = new float[side * side * width];
        for (int row = 0; row < side; row++) {
            for (int column = 0; column < side; column++) {
                int start = (row * side + column) * width;
                encode(table, start, width / 2, column);
                encode(table, start + width / 2, width / 2, row);
            }
        }
        return table;
    }

    private static void encode(float[] table, int start, int length, int position) {
        int frequencies = length / 2;
        for (int k = 0; k < frequencies; k++) {
            double angle = position * Math.pow(BASE, -(double) k / frequencies);
            table[start + k] = (float) Math.sin(angle);
            table[start + frequencies + k] = (float) Math.cos(angle);
        }
    }
}
