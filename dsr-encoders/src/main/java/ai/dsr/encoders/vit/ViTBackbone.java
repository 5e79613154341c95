// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import java.util.List;

/**
 * A vision transformer in its parts, for wrappers and for code that acts between the parts: on extra token rows after
 * {@link #embed}, on MLP activations through a {@link MlpHook}, on hidden states before {@link #norm}.
 *
 * <p>Rows are class token, registers, patches, as far as the network has them, then rows that others appended, which
 * are tokens without position.
 */
public interface ViTBackbone {
    /** The grid of patches of {@code pixels (B, 3, H, W)}. */
    PatchGrid grid(NDArray pixels);

    /**
     * The input of the first block: special tokens and embedded patches with their positions.
     *
     * @param pixels {@code (B, 3, H, W)}, normalised
     * @return {@code (B, T, D)}
     */
    NDArray embed(NDArray pixels);

    /**
     * Runs the first {@code count} blocks.
     *
     * @param x {@code (B, T, D)}: what {@link #embed} gave, perhaps with rows appended
     * @param grid the grid of the images
     * @param count 0 to {@link #depth}; the blocks above are not run
     * @param hook reads or replaces MLP activations
     * @return {@code (B, T, D)} in the manager of {@code x}; {@code x} itself if no block was asked for
     */
    NDArray forward(NDArray x, PatchGrid grid, int count, MlpHook hook);

    /** Runs all blocks; returns {@code x} and the output of each, {@code L + 1} arrays {@code (B, T, D)}. */
    List<NDArray> hiddenStates(NDArray x, PatchGrid grid, MlpHook hook);

    /**
     * The attention weights of a block after the softmax.
     *
     * @param x the block's input {@code (B, T, D)}: hidden state number {@code layer}
     * @return {@code (B, K, T, T)}, queries along axis 2, keys along axis 3
     */
    NDArray attentionWeights(NDArray x, PatchGrid grid, int layer);

    /**
     * The final layer norm over {@code x (..., D)}.
     *
     * @param isAffine whether its stored weight and bias apply; its eps always does
     */
    NDArray norm(NDArray x, boolean isAffine);

    /** Number of blocks L. */
    int depth();

    /** Whether the first token is a class token. */
    boolean hasClassToken();

    /** How many class and register tokens stand before the patches. */
    int prefixTokens();

    /** How many rows stand behind the patches: test-time registers, if there are any. */
    default int suffixTokens() {
        return 0;
    }

    /** Side of a patch in pixels. */
    int patchSize();

    /** Channels D of a token. */
    int width();

    /** The input of the first block and the output of each, {@code L + 1} arrays {@code (B, T, D)}, before the final norm. */
    default List<NDArray> hiddenStates(NDArray pixels) {
        return hiddenStates(pixels, MlpHook.NONE);
    }

    /** The same while a hook reads or replaces MLP activations. */
    default List<NDArray> hiddenStates(NDArray pixels, MlpHook hook) {
        return hiddenStates(embed(pixels), grid(pixels), hook);
    }

    /** The patch tokens {@code (B, P, D)} of all tokens {@code x (B, T, D)}: without what stands before and behind them. */
    default NDArray patches(NDArray x, PatchGrid grid) {
        return rows(x, prefixTokens(), prefixTokens() + grid.count());
    }

    /** Rows {@code from} to {@code to - 1} of {@code x (B, T, D)}. */
    static NDArray rows(NDArray x, long from, long to) {
        return x.get(new NDIndex().addAllDim().addSliceDim(from, to).addAllDim());
    }
}
