// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import java.util.List;

/**
 * A vision transformer in its parts, for code that acts between them: on extra token rows after {@link #embed}, on MLP
 * activations through a {@link MlpHook}, on hidden states before {@link #norm}.
 */
public interface ViTBackbone {
    /**
     * The input of the first block: special tokens and embedded patches with their positions.
     *
     * @param pixels {@code (B, 3, H, W)}, normalised
     * @return {@code (B, T, D)}
     */
    NDArray embed(NDArray pixels);

    /** The blocks. */
    ViTStack blocks();

    /**
     * The final layer norm over {@code x (..., D)}.
     *
     * @param isAffine whether its stored weight and bias apply; its eps always does
     */
    NDArray norm(NDArray x, boolean isAffine);

    /** How many class and register tokens stand before the patches. */
    int prefixTokens();

    /** Side of a patch in pixels. */
    int patchSize();

    /** Channels of a token. */
    int width();

    /** The input of the first block and the output of each, {@code L + 1} arrays {@code (B, T, D)}, before the final norm. */
    default List<NDArray> hiddenStates(NDArray pixels) {
        return blocks().hiddenStates(embed(pixels), MlpHook.NONE);
    }
}
