// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** Tokens back to a square latent. */
public final class Unpatchify {
    private Unpatchify() {}

    /**
     * Maps patches {@code (B, T, P P C)} to {@code (B, C, S, S)}: tokens row by row, in a token pixels row by row with the
     * channel fastest. (The patch embedding, in contrast, reads the channel slowest.)
     *
     * @throws IllegalArgumentException if T is not a square or the patches are not a multiple of P P
     */
    public static NDArray toLatent(NDArray tokens, int patch) {
        Shape shape = tokens.getShape();
        long side = (long) Math.sqrt((double) shape.get(1));
        long channels = shape.get(2) / ((long) patch * patch);
        if (side * side != shape.get(1) || channels * patch * patch != shape.get(2)) {
            throw new IllegalArgumentException("tokens: expected a square number of patches of " + patch + " x " + patch
                    + " pixels, got " + shape);
        }
        return tokens.reshape(shape.get(0), side, side, patch, patch, channels)
                .transpose(0, 5, 1, 3, 2, 4) // (B, C, rows, P, columns, P)
                .reshape(shape.get(0), channels, side * patch, side * patch);
    }
}
