// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.nn.Activation;
import java.util.Set;

/**
 * The encoder of a masked autoencoder (He et al., 2022), with nothing masked: all patches in their order.
 *
 * <p>Positions were a sine-cosine code in training; they are read from the file like a learned table.
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
 * @param qkvBias whether queries, keys and values have a bias
 */
public record MaeConfig(
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        Activation hiddenAct,
        double layerNormEps,
        int imageSize,
        int patchSize,
        int numChannels,
        boolean qkvBias) {

    private static MaeConfig published(int width, int depth, int heads, int patch) {
        return new MaeConfig(width, 4 * width, depth, heads, Activation.GELU, 1e-12, 224, patch, 3, true);
    }

    /** ViT-B/16. */
    public static MaeConfig base() {
        return published(768, 12, 12, 16);
    }

    /** ViT-L/16. */
    public static MaeConfig large() {
        return published(1024, 24, 16, 16);
    }

    /** ViT-H/14. */
    public static MaeConfig huge() {
        return published(1280, 32, 16, 14);
    }

    /**
     * Reads a {@code config.json}; absent keys have the family's defaults.
     *
     * @throws IllegalArgumentException if a value does not fit
     */
    public static MaeConfig of(HfConfig hf) {
        return new MaeConfig(
                hf.integer("hidden_size", 768),
                hf.integer("intermediate_size", 3072),
                hf.integer("num_hidden_layers", 12),
                hf.integer("num_attention_heads", 12),
                Activation.of(hf.text("hidden_act", "gelu")),
                hf.real("layer_norm_eps", 1e-12),
                hf.integer("image_size", 224),
                hf.integer("patch_size", 16),
                hf.integer("num_channels", 3),
                hf.flag("qkv_bias", true));
    }

    /** The network. */
    public ViTConfig network() {
        BlockNames names = BlockNames.mae();
        ViTBlockConfig block = new ViTBlockConfig(
                hiddenSize,
                numAttentionHeads,
                intermediateSize,
                ViTBlockConfig.Mlp.PLAIN,
                hiddenAct,
                layerNormEps,
                qkvBias ? Set.of() : names.queryKeyValue(),
                names);
        return new ViTConfig(
                ViTNames.mae(),
                numChannels,
                patchSize,
                0,
                ViTConfig.PositionTable.ofImage(imageSize, patchSize, false, false),
                block,
                numHiddenLayers);
    }
}
