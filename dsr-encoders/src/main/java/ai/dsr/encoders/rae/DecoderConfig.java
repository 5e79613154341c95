// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.dsr.core.config.Default;
import ai.dsr.core.nn.Activation;
import ai.dsr.encoders.vit.BlockNames;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.encoders.vit.ViTBlockConfig;
import java.util.Set;

/**
 * The pixel decoder; keys and defaults are those of ViT-MAE's configuration, whose decoder it is.
 *
 * <p>Inside an autoencoder, {@link #fitted} sets what the encoder decides: latent width, patches and image size.
 *
 * @param hiddenSize channels C of a latent token
 * @param decoderHiddenSize channels D of a decoder token, a multiple of 4 and of the heads
 * @param decoderNumHiddenLayers blocks
 * @param decoderNumAttentionHeads heads
 * @param decoderIntermediateSize hidden channels of the MLP
 * @param hiddenAct {@code gelu}, {@code gelu_new} or {@code relu}
 * @param layerNormEps of every layer norm
 * @param qkvBias whether queries, keys and values have a bias
 * @param numChannels colours
 * @param patchSize side of a patch in pixels
 * @param imageSize side of the image in pixels
 * @param numPatches tokens, a square number; null for {@code (imageSize / patchSize)^2}
 */
public record DecoderConfig(
        @Default("768") int hiddenSize,
        @Default("512") int decoderHiddenSize,
        @Default("8") int decoderNumHiddenLayers,
        @Default("16") int decoderNumAttentionHeads,
        @Default("2048") int decoderIntermediateSize,
        @Default("gelu") String hiddenAct,
        @Default("1e-12") double layerNormEps,
        @Default("true") boolean qkvBias,
        @Default("3") int numChannels,
        @Default("16") int patchSize,
        @Default("224") int imageSize,
        @Default("null") Integer numPatches) {

    /** Checks the sizes and fills in the number of patches. */
    public DecoderConfig {
        requirePositive("hidden_size", hiddenSize);
        requirePositive("decoder_num_hidden_layers", decoderNumHiddenLayers);
        requirePositive("decoder_num_attention_heads", decoderNumAttentionHeads);
        requirePositive("decoder_intermediate_size", decoderIntermediateSize);
        requirePositive("num_channels", numChannels);
        requirePositive("patch_size", patchSize);
        requirePositive("image_size", imageSize);
        if (decoderHiddenSize < 1 || decoderHiddenSize % decoderNumAttentionHeads != 0) {
            throw new IllegalArgumentException(
                    "decoder_hidden_size: expected a multiple of decoder_num_attention_heads ("
                            + decoderNumAttentionHeads + "), got " + decoderHiddenSize);
        }
        if (decoderHiddenSize % 4 != 0) {
            throw new IllegalArgumentException(
                    "decoder_hidden_size: expected a multiple of 4 for positions, got " + decoderHiddenSize);
        }
        if (!(layerNormEps >= 0)) {
            throw new IllegalArgumentException("layer_norm_eps: expected 0 or more, got " + layerNormEps);
        }
        Activation.of(hiddenAct);
        if (numPatches == null) {
            numPatches = (imageSize / patchSize) * (imageSize / patchSize);
        }
        int side = (int) Math.sqrt(numPatches);
        if (numPatches < 1 || side * side != numPatches) {
            throw new IllegalArgumentException("num_patches: expected a square number, got " + numPatches);
        }
    }

    /** Reads a {@code config.json} in Hugging Face's layout; absent keys have the defaults, others go unread. */
    public static DecoderConfig of(HfConfig hf) {
        int patches = hf.integer("num_patches", 0);
        return new DecoderConfig(
                hf.integer("hidden_size", 768),
                hf.integer("decoder_hidden_size", 512),
                hf.integer("decoder_num_hidden_layers", 8),
                hf.integer("decoder_num_attention_heads", 16),
                hf.integer("decoder_intermediate_size", 2048),
                hf.text("hidden_act", "gelu"),
                hf.real("layer_norm_eps", 1e-12),
                hf.flag("qkv_bias", true),
                hf.integer("num_channels", 3),
                hf.integer("patch_size", 16),
                hf.integer("image_size", 224),
                patches == 0 ? null : Integer.valueOf(patches));
    }

    /**
     * The decoder for the latents of an encoder, whatever sizes the file gives.
     *
     * @param latentWidth channels of the latents
     * @param patch side of a decoded patch in pixels
     * @param gridSide rows and columns of the latents
     */
    public DecoderConfig fitted(int latentWidth, int patch, int gridSide) {
        return new DecoderConfig(
                latentWidth,
                decoderHiddenSize,
                decoderNumHiddenLayers,
                decoderNumAttentionHeads,
                decoderIntermediateSize,
                hiddenAct,
                layerNormEps,
                qkvBias,
                numChannels,
                patch,
                patch * gridSide,
                gridSide * gridSide);
    }

    /** Rows and columns of the token grid. */
    public int gridSide() {
        return (int) Math.sqrt(numPatches);
    }

    /** Values that one token becomes: pixels of a patch times colours. */
    public int patchValues() {
        return patchSize * patchSize * numChannels;
    }

    ViTBlockConfig block() {
        return new ViTBlockConfig(
                decoderHiddenSize,
                decoderNumAttentionHeads,
                decoderIntermediateSize,
                ViTBlockConfig.Mlp.PLAIN,
                Activation.of(hiddenAct),
                layerNormEps,
                qkvBias ? Set.of() : BlockNames.mae().queryKeyValue(),
                BlockNames.mae());
    }

    private static void requirePositive(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": expected 1 or more, got " + value);
        }
    }
}
