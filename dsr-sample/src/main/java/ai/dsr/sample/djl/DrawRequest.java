// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.djl;

import ai.dsr.core.io.Json;
import ai.dsr.sample.pipeline.TextRequest;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Set;

/**
 * A request to a served model, such as {@code {"prompt": "a red apple", "count": 2, "seed": 7}}.
 *
 * @param prompt what to draw, for a text-to-image bundle; else null
 * @param label class to draw, for a bundle of classes; else null
 * @param count images, 1 or more; absent: 1
 * @param seed seed of the noise; absent: 0
 */
public record DrawRequest(String prompt, Integer label, int count, long seed) {
    private static final Set<String> KEYS = Set.of("prompt", "class", "count", "seed");

    /** Checks that there is one thing to draw. */
    public DrawRequest {
        if ((prompt == null) == (label == null)) {
            throw new IllegalArgumentException("request: expected a prompt or a class, got "
                    + (prompt == null ? "neither" : "both \"" + prompt + "\" and " + label));
        }
        if (count < 1) {
            throw new IllegalArgumentException("count: expected 1 or more images, got " + count);
        }
    }

    /** Images of a prompt. */
    public static DrawRequest ofPrompt(String prompt, int count, long seed) {
        return new DrawRequest(prompt, null, count, seed);
    }

    /** Images of a class. */
    public static DrawRequest ofClass(int label, int count, long seed) {
        return new DrawRequest(null, label, count, seed);
    }

    /**
     * Reads the JSON of a request.
     *
     * @throws IllegalArgumentException naming the key that is unknown or of another type
     */
    public static DrawRequest parse(byte[] utf8) {
        JsonNode node = Json.parse(utf8, JsonNode.class, "request");
        node.fieldNames().forEachRemaining(key -> {
            if (!KEYS.contains(key)) {
                throw new IllegalArgumentException("request: expected the keys " + KEYS + ", got " + key);
            }
        });
        return new DrawRequest(
                node.hasNonNull("prompt") ? node.get("prompt").asText() : null,
                node.hasNonNull("class") ? Integer.valueOf((int) number(node, "class", 0)) : null,
                (int) number(node, "count", 1),
                number(node, "seed", 0));
    }

    private static long number(JsonNode node, String key, long absent) {
        if (node.hasNonNull(key) && !node.get(key).canConvertToLong()) {
            throw new IllegalArgumentException(key + ": expected a whole number, got " + node.get(key));
        }
        return node.path(key).asLong(absent);
    }

    /** The request of the text pipeline. */
    TextRequest toText() {
        return TextRequest.of(prompt, count, seed);
    }
}
