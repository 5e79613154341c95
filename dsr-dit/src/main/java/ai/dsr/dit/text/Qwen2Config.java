// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.Default;
import java.nio.file.Path;

/**
 * Sizes of a {@link Qwen2}, by the keys of a published {@code config.json}.
 *
 * @param hiddenSize width D of the states
 * @param numHiddenLayers number of layers
 * @param numAttentionHeads query heads K
 * @param numKeyValueHeads key and value heads, a divisor of K; query head h reads number {@code floor(h G / K)} of G
 * @param vocabSize number of token ids
 * @param intermediateSize hidden width of the MLP
 * @param ropeTheta base of the rotary frequencies
 * @param rmsNormEps eps of all norms
 */
public record Qwen2Config(
        int hiddenSize,
        int numHiddenLayers,
        int numAttentionHeads,
        int numKeyValueHeads,
        int vocabSize,
        int intermediateSize,
        @Default("10000") double ropeTheta,
        @Default("1e-6") double rmsNormEps) {

    /** Refuses sizes that cannot work. */
    public Qwen2Config {
        positive("hidden_size", hiddenSize);
        positive("num_hidden_layers", numHiddenLayers);
        positive("num_attention_heads", numAttentionHeads);
        positive("num_key_value_heads", numKeyValueHeads);
        positive("vocab_size", vocabSize);
        positive("intermediate_size", intermediateSize);
        multiple("hidden_size", hiddenSize, 2 * numAttentionHeads, "twice num_attention_heads");
        multiple("num_attention_heads", numAttentionHeads, numKeyValueHeads, "num_key_value_heads");
        if (!(ropeTheta > 0 && rmsNormEps > 0)) {
            throw new IllegalArgumentException(
                    "rope_theta: expected rope_theta and rms_norm_eps > 0, got " + ropeTheta + " and " + rmsNormEps);
        }
    }

    private static void positive(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": expected 1 or more, got " + value);
        }
    }

    private static void multiple(String key, int value, int divisor, String name) {
        if (value % divisor != 0) {
            throw new IllegalArgumentException(
                    key + ": expected a multiple of " + name + " (" + divisor + "), got " + value);
        }
    }

    /** Width d of a head. */
    public int headWidth() {
        return hiddenSize / numAttentionHeads;
    }

    /**
     * Reads the {@code config.json} of a published model; keys of no concern go unread.
     *
     * @throws IllegalArgumentException if it is another kind of model, or has an option that changes the computation
     */
    public static Qwen2Config read(Path file) {
        Config config = Config.load(file);
        expect(config, "model_type", "qwen2");
        expect(config, "hidden_act", "silu");
        expect(config, "use_sliding_window", false);
        if (config.has("rope_scaling") && config.get("rope_scaling", Object.class) != null) {
            throw new IllegalArgumentException(config.source() + ": rope_scaling: expected none, got one");
        }
        int heads = config.get("num_attention_heads", Integer.class);
        return new Qwen2Config(
                config.get("hidden_size", Integer.class),
                config.get("num_hidden_layers", Integer.class),
                heads,
                config.has("num_key_value_heads") ? config.get("num_key_value_heads", Integer.class) : heads,
                config.get("vocab_size", Integer.class),
                config.get("intermediate_size", Integer.class),
                config.has("rope_theta") ? config.get("rope_theta", Double.class) : 10000,
                config.has("rms_norm_eps") ? config.get("rms_norm_eps", Double.class) : 1e-6);
    }

    private static void expect(Config config, String key, Object value) {
        if (config.has(key) && !value.equals(config.get(key, value.getClass()))) {
            throw new IllegalArgumentException(config.source() + ": " + key + ": expected " + value + ", got "
                    + config.get(key, value.getClass()));
        }
    }
}
