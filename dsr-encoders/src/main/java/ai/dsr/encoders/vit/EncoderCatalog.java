// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDManager;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Opens encoders by the names that configurations use ({@code stage_1.params.encoder_cls}). */
public final class EncoderCatalog {
    private EncoderCatalog() {}

    /**
     * Loads an encoder.
     *
     * @param name {@code encoder_cls}
     * @param folder checkpoint in Hugging Face's layout
     * @param params {@code encoder_params}: {@code normalize} and, for {@code Dinov2withNormNoReg}, {@code layer_index};
     *     {@code dinov2_path} is accepted and gives way to {@code folder}
     * @param weights owns the weights
     * @throws IllegalArgumentException if name, folder or an option is unknown
     */
    public static VisionEncoder open(String name, Path folder, Map<String, Object> params, NDManager weights) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(
                    "encoder_config_path: expected a folder with config.json and model.safetensors, got " + folder);
        }
        boolean normalize = flag(params, "normalize", true);
        return switch (name) {
            case "Dinov2withNormNoReg" -> {
                requireKnown(params, Set.of("normalize", "layer_index", "dinov2_path"));
                int layer = integer(params, "layer_index", Dinov2withNormNoReg.LAST);
                yield Dinov2withNormNoReg.ofFolder(folder, normalize, layer, weights);
            }
            case "Dinov2withNorm" -> {
                requireKnown(params, Set.of("normalize", "dinov2_path"));
                yield Dinov2withNorm.ofFolder(folder, normalize, weights);
            }
            default ->
                throw new IllegalArgumentException(
                        "encoder_cls: expected Dinov2withNorm or Dinov2withNormNoReg, got " + name);
        };
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

    private static void requireKnown(Map<String, Object> params, Set<String> known) {
        for (String key : params.keySet()) {
            if (!known.contains(key)) {
                throw new IllegalArgumentException(
                        "encoder_params: expected keys among " + new TreeSet<>(known) + ", got " + key);
            }
        }
    }
}
