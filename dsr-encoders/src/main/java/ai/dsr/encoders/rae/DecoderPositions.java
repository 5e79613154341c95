// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.SinCosPositions;

/** The decoder's position table: a row of zeros for the class token, then sine-cosine codes of the grid. */
public final class DecoderPositions {
    private DecoderPositions() {}

    /**
     * The table {@code (1, 1 + side^2, width)}, row-major.
     *
     * @throws IllegalArgumentException if the width is not a multiple of 4
     */
    public static float[] table(int width, int side) {
        float[] grid = SinCosPositions.table(width, side);
        float[] table = new float[width + grid.length];
        System.arraycopy(grid, 0, table, width, grid.length);
        return table;
    }

    /**
     * The table for another number of tokens: patch rows as one sequence, not as a grid, by cubic interpolation.
     *
     * @param table {@code (1, 1 + N, D)}
     * @param tokens T, 1 or more
     * @return {@code (1, 1 + floor(N * (T / N)), D)}: T rows and the class token's, up to rounding of the quotient
     */
    public static NDArray interpolate(NDArray table, int tokens) {
        if (tokens < 1) {
            throw new IllegalArgumentException("tokens: expected 1 or more, got " + tokens);
        }
        long rows = table.getShape().get(1);
        double scale = (double) tokens / (rows - 1);
        int length = (int) Math.floor((rows - 1) * scale);
        NDArray patches =
                table.get(new NDIndex().addAllDim().addSliceDim(1, rows).addAllDim());
        NDArray classRow = table.get(new NDIndex().addAllDim().addSliceDim(0, 1).addAllDim());
        return Kernels.insertRows(ImageKernels.cubicSequence(patches, length, scale), classRow, 0);
    }
}
