// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.dsr.core.config.Default;
import ai.dsr.core.config.NoEffect;
import java.util.List;

/**
 * Sizes of the discriminator's frozen transformer; defaults are those of ViT-S/16.
 *
 * @param depth blocks
 * @param embedDim width E, a multiple of {@code num_heads}
 * @param numHeads attention heads
 * @param patchSize side of a patch, at most {@link DinoBackbone#IMAGE_SIZE}
 * @param mlpRatio hidden width of the MLP over E, rounded to a whole number of channels
 * @param inChans channels of an image, always 3
 * @param keyDepths what counts is the key of the discriminator around this section
 * @param normEps the same
 */
public record DinoBackboneConfig(
        @Default("12") int depth,
        @Default("384") int embedDim,
        @Default("6") int numHeads,
        @Default("16") int patchSize,
        @Default("4.0") double mlpRatio,
        @Default("3") int inChans,
        @NoEffect(use = "gan.disc.arch.key_depths") @Default("null") List<Integer> keyDepths,
        @NoEffect(use = "gan.disc.arch.norm_eps") @Default("null") Double normEps) {

    /** Checks the sizes. */
    public DinoBackboneConfig {
        requirePositive("depth", depth);
        requirePositive("num_heads", numHeads);
        if (embedDim < 1 || embedDim % numHeads != 0) {
            throw new IllegalArgumentException(
                    "embed_dim: expected a positive multiple of num_heads (" + numHeads + "), got " + embedDim);
        }
        if (patchSize < 1 || patchSize > DinoBackbone.IMAGE_SIZE) {
            throw new IllegalArgumentException(
                    "patch_size: expected 1 to " + DinoBackbone.IMAGE_SIZE + ", got " + patchSize);
        }
        if (!(Math.rint(embedDim * mlpRatio) >= 1)) {
            throw new IllegalArgumentException("mlp_ratio: expected at least one hidden channel, got " + mlpRatio);
        }
        if (inChans != 3) {
            throw new IllegalArgumentException("in_chans: expected 3, got " + inChans);
        }
    }

    /** A transformer of these sizes with an MLP of four times its width. */
    public static DinoBackboneConfig of(int depth, int embedDim, int numHeads, int patchSize) {
        return new DinoBackboneConfig(depth, embedDim, numHeads, patchSize, 4, 3, null, null);
    }

    /**
     * A published transformer: {@code S_16}, {@code S_8} or {@code B_16}, small or base with patches of 16 or 8 pixels.
     *
     * @throws IllegalArgumentException if the name is another one
     */
    public static DinoBackboneConfig named(String recipe) {
        return switch (recipe) {
            case "S_16" -> of(12, 384, 6, 16);
            case "S_8" -> of(12, 384, 6, 8);
            case "B_16" -> of(12, 768, 12, 16);
            default ->
                throw new IllegalArgumentException("recipe: expected S_16, S_8 or B_16, got " + recipe
                        + "; give another transformer's sizes in the section backbone");
        };
    }

    /** Hidden channels of the MLP. */
    public int mlpWidth() {
        return (int) Math.rint(embedDim * mlpRatio);
    }

    /** How many patches T an image is cut into. */
    public int patches() {
        int side = DinoBackbone.IMAGE_SIZE / patchSize;
        return side * side;
    }

    private static void requirePositive(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": expected 1 or more, got " + value);
        }
    }
}
