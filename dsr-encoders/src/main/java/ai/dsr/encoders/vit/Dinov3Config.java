// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.nn.Activation;
import java.util.HashSet;
import java.util.Set;

/**
 * DINOv3 (Siméoni et al., 2025): trained registers and rotary positions, so images of any size without a table.
 *
 * @param hiddenSize channels of a token
 * @param intermediateSize hidden channels of the MLP
 * @param numHiddenLayers blocks
 * @param numAttentionHeads heads
 * @param useGatedMlp whether the MLP is gated: {@code down(act(gate(x)) * up(x))}
 * @param hiddenAct non-linearity of the MLP, gated or not
 * @param layerNormEps of every layer norm
 * @param ropeTheta base of the rotary frequencies
 * @param patchSize side of a patch
 * @param numChannels colours
 * @param numRegisterTokens registers
 * @param biases which linear layers have a bias
 */
public record Dinov3Config(
        int hiddenSize,
        int intermediateSize,
        int numHiddenLayers,
        int numAttentionHeads,
        boolean useGatedMlp,
        Activation hiddenAct,
        double layerNormEps,
        double ropeTheta,
        int patchSize,
        int numChannels,
        int numRegisterTokens,
        Biases biases) {

    /**
     * Which linear layers have a bias.
     *
     * @param query the queries
     * @param key the keys
     * @param value the values
     * @param proj the layer after attention
     * @param mlp all layers of the MLP
     */
    public record Biases(boolean query, boolean key, boolean value, boolean proj, boolean mlp) {
        /** As published: all but the keys, on which a bias would have no effect. */
        public static Biases published() {
            return new Biases(true, false, true, true, true);
        }
    }

    private static Dinov3Config published(int width, int mlpWidth, int depth, int heads, boolean isGated) {
        return new Dinov3Config(
                width,
                mlpWidth,
                depth,
                heads,
                isGated,
                isGated ? Activation.SILU : Activation.GELU,
                1e-5,
                100,
                16,
                3,
                4,
                Biases.published());
    }

    /** ViT-S/16. */
    public static Dinov3Config small() {
        return published(384, 1536, 12, 6, false);
    }

    /** ViT-S+/16, with a gated MLP. */
    public static Dinov3Config smallPlus() {
        return published(384, 1536, 12, 6, true);
    }

    /** ViT-B/16. */
    public static Dinov3Config base() {
        return published(768, 3072, 12, 12, false);
    }

    /** ViT-L/16. */
    public static Dinov3Config large() {
        return published(1024, 4096, 24, 16, false);
    }

    /** ViT-H+/16, with a gated MLP. */
    public static Dinov3Config hugePlus() {
        return published(1280, 5120, 32, 20, true);
    }

    /**
     * Reads a {@code config.json}; absent keys have the family's defaults.
     *
     * @throws IllegalArgumentException if a value does not fit
     */
    public static Dinov3Config of(HfConfig hf) {
        return new Dinov3Config(
                hf.integer("hidden_size", 384),
                hf.integer("intermediate_size", 1536),
                hf.integer("num_hidden_layers", 12),
                hf.integer("num_attention_heads", 6),
                hf.flag("use_gated_mlp", false),
                Activation.of(hf.text("hidden_act", "gelu")),
                hf.real("layer_norm_eps", 1e-5),
                hf.real("rope_theta", 100),
                hf.integer("patch_size", 16),
                hf.integer("num_channels", 3),
                hf.integer("num_register_tokens", 0),
                new Biases(
                        hf.flag("query_bias", true),
                        hf.flag("key_bias", false),
                        hf.flag("value_bias", true),
                        hf.flag("proj_bias", true),
                        hf.flag("mlp_bias", true)));
    }

    /** The network. */
    public ViTConfig network() {
        BlockNames names = BlockNames.dinov3();
        ViTBlockConfig block = new ViTBlockConfig(
                hiddenSize,
                numAttentionHeads,
                intermediateSize,
                useGatedMlp ? ViTBlockConfig.Mlp.GATED : ViTBlockConfig.Mlp.PLAIN,
                hiddenAct,
                layerNormEps,
                withoutBias(names),
                names);
        return new ViTConfig(
                ViTNames.dinov3(),
                numChannels,
                patchSize,
                numRegisterTokens,
                new ViTConfig.Rotary(ropeTheta),
                block,
                numHiddenLayers);
    }

    private Set<String> withoutBias(BlockNames names) {
        Set<String> layers = new HashSet<>();
        if (!biases.query) {
            layers.add(names.query());
        }
        if (!biases.key) {
            layers.add(names.key());
        }
        if (!biases.value) {
            layers.add(names.value());
        }
        if (!biases.proj) {
            layers.add(names.attentionOut());
        }
        if (!biases.mlp) {
            layers.addAll(Set.of(names.mlpIn(), names.mlpGate(), names.mlpOut()));
        }
        return layers;
    }
}
