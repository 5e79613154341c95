// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.VisionKernels;
import ai.dsr.core.tensor.EngineArray;

/**
 * Rotary positions of DINOv3 (Siméoni et al., 2025) for one grid: queries and keys of patches are turned by angles that
 * follow the patch's centre. Rows before and after the patches carry no position and pass unchanged.
 *
 * <p>Each axis of the grid is scaled to [-1, 1] on its own, so the angles do not depend on the image's size, only on
 * where in the image a patch lies. The same angles serve all blocks and heads.
 */
public final class RotaryPositions {
    /** For models whose positions are added to the tokens: nothing is turned. */
    public static final RotaryPositions NONE = new RotaryPositions(null, null, 0);

    private final NDArray cos;
    private final NDArray sin;
    private final int start;

    private RotaryPositions(NDArray cos, NDArray sin, int start) {
        this.cos = cos;
        this.sin = sin;
        this.start = start;
    }

    /**
     * The turns of a grid.
     *
     * @param owner takes the tables
     * @param headWidth channels d of a head, a multiple of 4: half the angles for rows, half for columns
     * @param theta ratio of the highest frequency to the one behind the lowest
     * @param start row of the first patch among the tokens
     */
    public static RotaryPositions of(NDManager owner, PatchGrid grid, int headWidth, double theta, int start) {
        int quarter = headWidth / 4;
        float[] cos = new float[grid.count() * 2 * quarter];
        float[] sin = new float[cos.length];
        for (int patch = 0, i = 0; patch < grid.count(); patch++) {
            double[] centre = {centre(patch / grid.width(), grid.height()), centre(patch % grid.width(), grid.width())};
            for (double coordinate : centre) {
                for (int j = 0; j < quarter; j++, i++) {
                    double angle = 2 * Math.PI * coordinate * Math.pow(theta, -4.0 * j / headWidth);
                    cos[i] = (float) Math.cos(angle);
                    sin[i] = (float) Math.sin(angle);
                }
            }
        }
        Shape shape = new Shape(grid.count(), 2L * quarter);
        return new RotaryPositions(EngineArray.of(owner, cos, shape), EngineArray.of(owner, sin, shape), start);
    }

    /** The middle of cell {@code index} of {@code count} cells that fill [-1, 1]. */
    private static double centre(int index, int count) {
        return 2 * (index + 0.5) / count - 1;
    }

    /** Turns queries or keys {@code x (B, T, K d)} of {@code heads} heads; returns {@code x} itself if there is nothing to turn. */
    NDArray apply(NDArray x, int heads) {
        return cos == null ? x : VisionKernels.rotateHalves(x, cos, sin, heads, start);
    }
}
