// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/**
 * The grid of patches that an image is cut into; patches are numbered row by row.
 *
 * @param height rows
 * @param width columns
 */
public record PatchGrid(int height, int width) {
    /** Checks that there is a patch. */
    public PatchGrid {
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException("grid: expected at least one patch, got " + height + "x" + width);
        }
    }

    /**
     * The grid of images {@code (B, C, H, W)}; a remainder at the right or bottom edge is unused.
     *
     * @throws IllegalArgumentException if a side is shorter than a patch
     */
    public static PatchGrid of(NDArray pixels, int patchSize) {
        Shape shape = pixels.getShape();
        int height = (int) shape.get(2) / patchSize;
        int width = (int) shape.get(3) / patchSize;
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "pixels: expected sides of at least one patch (" + patchSize + "), got " + shape);
        }
        return new PatchGrid(height, width);
    }

    /** How many patches. */
    public int count() {
        return height * width;
    }
}
