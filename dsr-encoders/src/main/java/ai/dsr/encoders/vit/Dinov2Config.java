// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.nn.Activation;
import java.util.Set;

/**
 * DINOv2 (Oquab et al., 2023), with or without trained registers (Darcet et al., 2024).
 *
 * @param variant without or with registers
 * @param hiddenSize channels of a token
 * @param numHiddenLayers blocks
 * @param numAttentionHeads heads
 * @param mlpRatio hidden channels of the MLP over {@code hiddenSize}
 * @param useSwigluFfn whether the MLP is gated; it then has two thirds of the channels, rounded up to a multiple of 8
 * @param hiddenAct non-linearity of the plain MLP
 * @param layerNormEps of every layer norm
 * @param imageSize side of the images whose grid the position table has
 * @param patchSize side of a patch
 * @param numChannels colours
 * @param qkvBias whether queries, keys and values have a bias
 * @param numRegisterTokens registers; 0 without
 */
public record Dinov2Config(
        Variant variant,
        int hiddenSize,
        int numHiddenLayers,
        int numAttentionHeads,
        double mlpRatio,
        boolean useSwigluFfn,
        Activation hiddenAct,
        double layerNormEps,
        int imageSize,
        int patchSize,
        int numChannels,
        boolean qkvBias,
        int numRegisterTokens) {

    /** The two published architectures; they also differ in how positions are resized. */
    public enum Variant {
        /** No registers; positions are resized without antialias. */
        PLAIN(14, false),
        /** Registers between class token and patches; positions are resized with antialias. */
        REGISTERS(16, true);

        private final int defaultPatch;
        private final boolean isAntialiased;

        Variant(int defaultPatch, boolean isAntialiased) {
            this.defaultPatch = defaultPatch;
            this.isAntialiased = isAntialiased;
        }
    }

    /** Checks the sizes. */
    public Dinov2Config {
        if (!(mlpRatio > 0)) {
            throw new IllegalArgumentException("mlp_ratio: expected above 0, got " + mlpRatio);
        }
        if (variant == Variant.PLAIN && numRegisterTokens != 0) {
            throw new IllegalArgumentException(
                    "num_register_tokens: expected 0 for model_type dinov2, got " + numRegisterTokens);
        }
    }

    /** A published size: 14-pixel patches, positions for 518-pixel images, four registers if the variant has them. */
    private static Dinov2Config published(Variant variant, int width, int depth, int heads, boolean isSwiGlu) {
        int registers = variant == Variant.REGISTERS ? 4 : 0;
        return new Dinov2Config(
                variant, width, depth, heads, 4, isSwiGlu, Activation.GELU, 1e-6, 518, 14, 3, true, registers);
    }

    /** ViT-S/14. */
    public static Dinov2Config small(Variant variant) {
        return published(variant, 384, 12, 6, false);
    }

    /** ViT-B/14. */
    public static Dinov2Config base(Variant variant) {
        return published(variant, 768, 12, 12, false);
    }

    /** ViT-L/14. */
    public static Dinov2Config large(Variant variant) {
        return published(variant, 1024, 24, 16, false);
    }

    /** ViT-g/14, the one with SwiGLU. */
    public static Dinov2Config giant(Variant variant) {
        return published(variant, 1536, 40, 24, true);
    }

    /**
     * Reads a {@code config.json}; absent keys have the family's defaults.
     *
     * @throws IllegalArgumentException if a value does not fit
     */
    public static Dinov2Config of(HfConfig hf, Variant variant) {
        return new Dinov2Config(
                variant,
                hf.integer("hidden_size", 768),
                hf.integer("num_hidden_layers", 12),
                hf.integer("num_attention_heads", 12),
                hf.real("mlp_ratio", 4),
                hf.flag("use_swiglu_ffn", false),
                Activation.of(hf.text("hidden_act", "gelu")),
                hf.real("layer_norm_eps", 1e-6),
                hf.integer("image_size", 224),
                hf.integer("patch_size", variant.defaultPatch),
                hf.integer("num_channels", 3),
                hf.flag("qkv_bias", true),
                variant == Variant.REGISTERS ? hf.integer("num_register_tokens", 4) : 0);
    }

    /** Hidden channels of the MLP. */
    public int mlpWidth() {
        int plain = (int) (hiddenSize * mlpRatio);
        return useSwigluFfn ? (plain * 2 / 3 + 7) / 8 * 8 : plain;
    }

    /** The network. */
    public ViTConfig network() {
        BlockNames names = useSwigluFfn ? BlockNames.dinov2SwiGlu() : BlockNames.dinov2();
        ViTBlockConfig block = new ViTBlockConfig(
                hiddenSize,
                numAttentionHeads,
                mlpWidth(),
                useSwigluFfn ? ViTBlockConfig.Mlp.SWIGLU : ViTBlockConfig.Mlp.PLAIN,
                hiddenAct,
                layerNormEps,
                qkvBias ? Set.of() : names.queryKeyValue(),
                names);
        return new ViTConfig(
                variant == Variant.REGISTERS ? ViTNames.dinov2Registers() : ViTNames.dinov2(),
                numChannels,
                patchSize,
                numRegisterTokens,
                ViTConfig.PositionTable.ofImage(imageSize, patchSize, variant.isAntialiased, false),
                block,
                numHiddenLayers);
    }
}
