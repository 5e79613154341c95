// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDManager;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Encoders by the names that configurations use. */
public final class VisionEncoders {
    /** Where the reference looks for weights; here the folder is an argument of its own. */
    private static final Set<String> PLACES = Set.of("dinov2_path", "model_name");

    private VisionEncoders() {}

    /**
     * Loads an encoder.
     *
     * @param name {@code Dinov2withNorm} or {@code Dinov2withNormNoReg}
     * @param params its options: {@code normalize} (default true), {@code layer_index} (default -1, the latter encoder only)
     * @param folder {@code config.json} and weights in Hugging Face's layout
     * @param weights owns the weights
     * @throws IllegalArgumentException if the name, an option or the folder's content is not as expected
     */
    public static VisionEncoder load(String name, Map<String, Object> params, Path folder, NDManager weights) {
        return switch (name) {
            case "Dinov2withNorm" -> {
                requireOnly(params, Set.of("normalize"));
                yield Dinov2withNorm.ofFolder(folder, flag(params, "normalize", true), weights);
            }
            case "Dinov2withNormNoReg" -> {
                requireOnly(params, Set.of("normalize", "layer_index"));
                boolean isNormalized = flag(params, "normalize", true);
                int layer = integer(params, "layer_index", Dinov2withNormNoReg.LAST);
                yield Dinov2withNormNoReg.ofFolder(folder, isNormalized, layer, weights);
            }
            default ->
                throw new IllegalArgumentException(
                        "encoder_cls: expected Dinov2withNorm or Dinov2withNormNoReg, got " + name);
        };
    }

    private static void requireOnly(Map<String, Object> params, Set<String> known) {
        for (String key : params.keySet()) {
            if (!known.contains(key) && !PLACES.contains(key)) {
                throw new IllegalArgumentException(
                        "encoder_params: expected keys of " + new TreeSet<>(known) + ", got " + key);
            }
        }
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
