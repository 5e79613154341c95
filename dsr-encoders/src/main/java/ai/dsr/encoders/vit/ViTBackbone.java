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

    /** How many rows stand behind the patches: test-time registers, if there are any. */
    default int suffixTokens() {
        return 0;
    }

    /** Side of a patch in pixels. */
    int patchSize();

    /** Channels of a token. */
    int width();

    /** The input of the first block and the output of each, {@code L + 1} arrays {@code (B, T, D)}, before the final norm. */
    default List<NDArray> hiddenStates(NDArray pixels) {
        return hiddenStates(pixels, MlpHook.NONE);
    }

    /** The same while a hook reads or replaces MLP activations. */
    default List<NDArray> hiddenStates(NDArray pixels, MlpHook hook) {
        return blocks().hiddenStates(embed(pixels), hook);
    }

    /** Runs the first {@code count} blocks on {@code x (B, T, D)} from {@link #embed}. */
    default NDArray forward(NDArray x, int count, MlpHook hook) {
        return blocks().forward(x, count, hook);
    }
}
