// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.nn.Activation;
import java.util.Set;

/**
 * The vision tower of SigLIP (Zhai et al., 2023) and SigLIP2 (Tschannen et al., 2025) with a fixed resolution: patches
 * only, no class token, no registers. Its pooling head is not used.
 *
 * @param hiddenSize channels of a token
 * @param intermediateSize hidden channels of the MLP
 * @param numHiddenLayers blocks
 * @param numAttentionHeads heads
 * @param hiddenAct non-linearity of the MLP
 * @param layerNormEps of every layer norm
 * @param imageSize side of the images whose grid the position table has
 * @param patchSize side of a patch
 * @param numChannels colours
 */
public record Siglip2Config(
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        Activation hiddenAct,
        double layerNormEps,
        int imageSize,
        int patchSize,
        int numChannels) {

    private static Siglip2Config published(int width, int mlpWidth, int depth, int heads, int imageSize, int patch) {
        return new Siglip2Config(width, mlpWidth, depth, heads, Activation.GELU_TANH, 1e-6, imageSize, patch, 3);
    }

    /** ViT-B/16 for images of side {@code imageSize}. */
    public static Siglip2Config base(int imageSize) {
        return published(768, 3072, 12, 12, imageSize, 16);
    }

    /** ViT-L/16 for images of side {@code imageSize}. */
    public static Siglip2Config large(int imageSize) {
        return published(1024, 4096, 24, 16, imageSize, 16);
    }

    /** The shape-optimised So400M for images of side {@code imageSize} and patches of side 14 or 16. */
    public static Siglip2Config so400m(int imageSize, int patchSize) {
        return published(1152, 4304, 27, 16, imageSize, patchSize);
    }

    /**
     * Reads the section {@code vision_config} of a {@code config.json}, or the file itself if it describes nothing but
     * the vision tower; absent keys have the family's defaults.
     *
     * @throws IllegalArgumentException if a value does not fit
     */
    public static Siglip2Config of(HfConfig file) {
        boolean isTowerOnly = file.text("model_type", "").equals("siglip_vision_model");
        HfConfig hf = isTowerOnly ? file : file.section("vision_config");
        return new Siglip2Config(
                hf.integer("hidden_size", 768),
                hf.integer("intermediate_size", 3072),
                hf.integer("num_hidden_layers", 12),
                hf.integer("num_attention_heads", 12),
                Activation.of(hf.text("hidden_act", "gelu_pytorch_tanh")),
                hf.real("layer_norm_eps", 1e-6),
                hf.integer("image_size", 224),
                hf.integer("patch_size", 16),
                hf.integer("num_channels", 3));
    }

    /** The network. */
    public ViTConfig network() {
        ViTBlockConfig block = new ViTBlockConfig(
                hiddenSize,
                numAttentionHeads,
                intermediateSize,
                ViTBlockConfig.Mlp.PLAIN,
                hiddenAct,
                layerNormEps,
                Set.of(),
                BlockNames.siglip2());
        return new ViTConfig(
                ViTNames.siglip2(),
                numChannels,
                patchSize,
                0,
                ViTConfig.PositionTable.ofImage(imageSize, patchSize, false, true),
                block,
                numHiddenLayers);
    }
}
