// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.SafeTensors;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Opens encoders by the names that configurations use ({@code stage_1.params.encoder_cls}). */
public final class EncoderCatalog {
    /** Options of every wrapper; the paths are where the reference looks for the weights and give way to the folder. */
    private static final Set<String> COMMON = Set.of("layer_index", "dinov2_path", "dinov3_path", "model_name");

    private EncoderCatalog() {}

    /**
     * Loads an encoder.
     *
     * @param name {@code encoder_cls}
     * @param folder checkpoint in Hugging Face's layout, in one file or sharded
     * @param params {@code encoder_params}: {@code layer_index}; {@code normalize} for DINO; {@code dropped_tokens} for
     *     families with registers; see {@link TokenReadout}. {@code dinov2_path} and the like are accepted and give way
     *     to {@code folder}
     * @param weights owns the weights
     * @throws IllegalArgumentException if name, folder or an option is unknown, or the folder holds another family
     */
    public static ViTEncoder open(String name, Path folder, Map<String, Object> params, NDManager weights) {
        EncoderFamily family = EncoderFamily.of(name);
        TokenReadout readout = readout(family, params);
        return open(family, config(folder), folder, readout, weights);
    }

    /** Loads the encoder of a folder, of whichever family its {@code config.json} names, as its wrapper does by default. */
    public static ViTEncoder open(Path folder, NDManager weights) {
        HfConfig hf = config(folder);
        return open(EncoderFamily.of(hf), hf, folder, TokenReadout.NORMALIZED, weights);
    }

    private static HfConfig config(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "encoder_config_path: expected a folder with config.json and model.safetensors, got " + folder);
        }
        return HfConfig.ofFolder(folder);
    }

    private static ViTEncoder open(
            EncoderFamily family, HfConfig hf, Path folder, TokenReadout readout, NDManager weights) {
        ViTConfig config = family.network(hf);
        ViT network = ViT.of(config, SafeTensors.readFolder(folder), weights);
        return new ViTEncoder(family, network, PixelNorm.ofFolder(folder, family.pixelNorm()), readout);
    }

    /**
     * What {@code encoder_params} ask for.
     *
     * @throws IllegalArgumentException if the wrapper has no such option, or a value does not fit
     */
    public static TokenReadout readout(EncoderFamily family, Map<String, Object> params) {
        Set<String> known = new TreeSet<>(COMMON);
        known.addAll(family.options());
        for (String key : params.keySet()) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException(
                        "encoder_params: expected keys of " + family.encoderCls() + " " + known + ", got " + key);
            }
        }
        return new TokenReadout(
                flag(params, "normalize", true),
                integer(params, "layer_index", TokenReadout.LAST),
                integer(params, "dropped_tokens", TokenReadout.PREFIX));
    }

    private static boolean flag(Map<String, Object> params, String key, boolean absent) {
        Object value = params.getOrDefault(key, absent);
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw new IllegalArgumentException("encoder_params." + key + ": expected true or false, got " + value);
    }

    private static int integer(Map<String, Object> params, String key, int absent) {
        Object value = params.getOrDefault(key, absent);
        if (value instanceof Integer || value instanceof Long) {
            return Math.toIntExact(((Number) value).longValue());
        }
        throw new IllegalArgumentException("encoder_params." + key + ": expected a whole number, got " + value);
    }
}
