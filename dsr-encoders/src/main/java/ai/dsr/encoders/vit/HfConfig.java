// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.dsr.core.io.Json;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import java.util.function.Predicate;

/**
 * The {@code config.json} beside published weights. Such files are sparse and full of keys of no concern: absent ones
 * have the family's default, others go unread.
 *
 * @param json the file's content, an object
 * @param source what messages call it
 */
public record HfConfig(JsonNode json, String source) {
    private static final String FILE = "config.json";

    /** Checks that there is an object. */
    public HfConfig {
        if (!json.isObject()) {
            throw new IllegalArgumentException(source + ": expected a JSON object, got " + json);
        }
    }

    /** Reads a file. */
    public static HfConfig read(Path file) {
        return new HfConfig(Json.read(file), file.toString());
    }

    /** Reads {@code config.json} of a folder. */
    public static HfConfig ofFolder(Path folder) {
        return read(folder.resolve(FILE));
    }

    /** The whole number of a key. */
    public int integer(String key, int absent) {
        JsonNode value = get(key, "a whole number", node -> node.isIntegralNumber() && node.canConvertToInt());
        return value == null ? absent : value.asInt();
    }

    /** The number of a key. */
    public double real(String key, double absent) {
        JsonNode value = get(key, "a number", JsonNode::isNumber);
        return value == null ? absent : value.asDouble();
    }

    /** The truth value of a key. */
    public boolean flag(String key, boolean absent) {
        JsonNode value = get(key, "true or false", JsonNode::isBoolean);
        return value == null ? absent : value.asBoolean();
    }

    /** The text of a key. */
    public String text(String key, String absent) {
        JsonNode value = get(key, "a text", JsonNode::isTextual);
        return value == null ? absent : value.asText();
    }

    /** The object of a key, empty if the key is absent. */
    public HfConfig section(String key) {
        JsonNode value = get(key, "an object", JsonNode::isObject);
        return new HfConfig(value == null ? JsonNodeFactory.instance.objectNode() : value, source + ": " + key);
    }

    private JsonNode get(String key, String expected, Predicate<JsonNode> fits) {
        JsonNode value = json.get(key);
        if (value == null || value.isNull()) {
            return null;
        }
        if (!fits.test(value)) {
            throw new IllegalArgumentException(source + ": " + key + ": expected " + expected + ", got " + value);
        }
        return value;
    }
}
