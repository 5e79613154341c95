// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.nn.Activation;

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
        PLAIN("dinov2", 14, false),
        /** Registers between class token and patches; positions are resized with antialias. */
        REGISTERS("dinov2_with_registers", 16, true);

        private final String modelType;
        private final int defaultPatch;
        private final boolean isAntialiased;

        Variant(String modelType, int defaultPatch, boolean isAntialiased) {
            this.modelType = modelType;
            this.defaultPatch = defaultPatch;
            this.isAntialiased = isAntialiased;
        }

        /** The value of {@code model_type} in a {@code config.json}. */
        public String modelType() {
            return modelType;
        }

        /** Whether positions are resized with antialias. */
        public boolean isAntialiased() {
            return isAntialiased;
        }
    }

    /** Checks the sizes. */
    public Dinov2Config {
        requirePositive("num_hidden_layers", numHiddenLayers);
        requirePositive("patch_size", patchSize);
        requirePositive("num_channels", numChannels);
        if (imageSize < patchSize) {
            throw new IllegalArgumentException(
                    "image_size: expected at least patch_size (" + patchSize + "), got " + imageSize);
        }
        if (!(mlpRatio > 0)) {
            throw new IllegalArgumentException("mlp_ratio: expected above 0, got " + mlpRatio);
        }
        if (numRegisterTokens < 0 || (variant == Variant.PLAIN && numRegisterTokens > 0)) {
            throw new IllegalArgumentException("num_register_tokens: expected "
                    + (variant == Variant.PLAIN ? "0 for model_type dinov2" : "0 or more")
                    + ", got "
                    + numRegisterTokens);
        }
        if (numAttentionHeads < 1 || hiddenSize < 1 || hiddenSize % numAttentionHeads != 0) {
            throw new IllegalArgumentException("hidden_size: expected a multiple of num_attention_heads ("
                    + numAttentionHeads + "), got " + hiddenSize);
        }
    }

    /**
     * Reads a {@code config.json}; absent keys have the family's defaults.
     *
     * @throws IllegalArgumentException if it names another {@code model_type}, or a value does not fit
     */
    public static Dinov2Config of(HfConfig hf, Variant variant) {
        String modelType = hf.text("model_type", variant.modelType);
        if (!modelType.equals(variant.modelType)) {
            throw new IllegalArgumentException(hf.source() + ": model_type: expected " + variant.modelType + ", got "
                    + modelType + "; check encoder_cls");
        }
        boolean hasRegisters = variant == Variant.REGISTERS;
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
                hasRegisters ? hf.integer("num_register_tokens", 4) : 0);
    }

    /** Hidden channels of the MLP. */
    public int mlpWidth() {
        int plain = (int) (hiddenSize * mlpRatio);
        return useSwigluFfn ? (plain * 2 / 3 + 7) / 8 * 8 : plain;
    }

    /** Rows and columns of the grid of the position table. */
    public int gridSide() {
        return imageSize / patchSize;
    }

    ViTBlockConfig block() {
        return new ViTBlockConfig(
                hiddenSize,
                numAttentionHeads,
                mlpWidth(),
                useSwigluFfn ? ViTBlockConfig.Mlp.SWIGLU : ViTBlockConfig.Mlp.PLAIN,
                hiddenAct,
                layerNormEps,
                qkvBias,
                useSwigluFfn ? BlockNames.dinov2SwiGlu() : BlockNames.dinov2());
    }

    private static void requirePositive(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": expected 1 or more, got " + value);
        }
    }
}
