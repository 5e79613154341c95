// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.dsr.core.config.Default;
import java.util.HashSet;
import java.util.List;

/**
 * Section {@code gan.disc.arch}: the discriminator of decoder training. Defaults are those of the published recipe.
 *
 * @param dinoCkptPath file of the frozen transformer, in PyTorch's format or as safetensors, with DINO's own names
 *     ({@code blocks.0.attn.qkv.weight}); whoever opens the discriminator resolves it
 * @param recipe a published transformer, {@code S_16}, {@code S_8} or {@code B_16}; with {@code backbone} a mere label
 * @param backbone sizes of another transformer; null for the one called {@code recipe}
 * @param ks kernel of the heads' middle convolution, in tokens, odd
 * @param keyDepths blocks, from 0, whose outputs get a head each, besides the last block's, which always has one; numbers
 *     that the transformer has no block for are dropped
 * @param normType norm inside the heads
 * @param usingSpecNorm whether every convolution of the heads is divided by its spectral norm
 * @param normEps epsilon of the norms in the heads and in the transformer
 */
public record DinoDiscriminatorConfig(
        @Default("null") String dinoCkptPath,
        @Default("S_8") String recipe,
        @Default("null") DinoBackboneConfig backbone,
        @Default("9") int ks,
        @Default("[2, 5, 8, 11]") List<Integer> keyDepths,
        @Default("bn") HeadNorm normType,
        @Default("true") boolean usingSpecNorm,
        @Default("1e-6") double normEps) {

    /** Channels that share statistics in the heads; each sample has its own, in training and afterwards. */
    public enum HeadNorm {
        /** Batch norm over a virtual batch of one sample: each channel on its own. */
        BN,
        /** Group norm with {@link #GROUPS} groups. */
        GN;

        /** Groups of {@link #GN}. */
        public static final int GROUPS = 32;

        /** How many groups {@code width} channels form. */
        public int groups(int width) {
            return this == BN ? width : GROUPS;
        }
    }

    /** Checks the values against each other. */
    public DinoDiscriminatorConfig {
        keyDepths = List.copyOf(keyDepths);
        DinoBackboneConfig sizes = backbone == null ? DinoBackboneConfig.named(recipe) : backbone;
        if (ks < 1 || ks % 2 == 0 || ks / 2 > sizes.patches()) {
            throw new IllegalArgumentException(
                    "ks: expected an odd number up to " + (2 * sizes.patches() + 1) + ", got " + ks);
        }
        if (keyDepths.stream().anyMatch(depth -> depth < 0) || new HashSet<>(keyDepths).size() < keyDepths.size()) {
            throw new IllegalArgumentException(
                    "key_depths: expected different numbers of blocks from 0, got " + keyDepths);
        }
        if (normType == HeadNorm.GN && sizes.embedDim() % HeadNorm.GROUPS != 0) {
            throw new IllegalArgumentException("norm_type: expected bn for a width of " + sizes.embedDim()
                    + ", which is no multiple of " + HeadNorm.GROUPS + ", got gn");
        }
        if (!(normEps > 0)) {
            throw new IllegalArgumentException("norm_eps: expected above 0, got " + normEps);
        }
    }

    /** The published discriminator on the transformer called {@code recipe}. */
    public static DinoDiscriminatorConfig of(String recipe) {
        return new DinoDiscriminatorConfig(null, recipe, null, 9, List.of(2, 5, 8, 11), HeadNorm.BN, true, 1e-6);
    }

    /** Sizes of the frozen transformer. */
    public DinoBackboneConfig sizes() {
        return backbone == null ? DinoBackboneConfig.named(recipe) : backbone;
    }

    /** The blocks of {@code key_depths} that exist, in increasing order. */
    public List<Integer> usedDepths() {
        return keyDepths.stream()
                .filter(depth -> depth < sizes().depth())
                .sorted()
                .toList();
    }
}
