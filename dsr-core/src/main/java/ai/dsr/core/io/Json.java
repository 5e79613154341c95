// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.JsonNodeFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** JSON files, read strictly: duplicate keys, unknown properties, trailing text and nulls for primitives are errors. */
public final class Json {
    private static final JsonMapper MAPPER = strict().build();

    private static final JsonMapper SORTED = strict().enable(MapperFeature.SORT_PROPERTIES_ALPHABETICALLY)
            .enable(SerializationFeature.ORDER_MAP_ENTRIES_BY_KEYS)
            .enable(JsonNodeFeature.WRITE_PROPERTIES_SORTED)
            .build();

    private Json() {}

    /** The shared strict mapper; do not reconfigure it. */
    public static JsonMapper mapper() {
        return MAPPER;
    }

    /**
     * Reads a file as a tree.
     *
     * @throws IllegalArgumentException naming the file and the line if it is not one JSON value
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static JsonNode read(Path file) {
        return read(file, JsonNode.class);
    }

    /**
     * Reads a file as a record or another type that Jackson knows.
     *
     * @throws IllegalArgumentException naming the file and the line if the content does not fit
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static <T> T read(Path file, Class<T> type) {
        byte[] bytes;
        try {
            bytes = Files.readAllBytes(file);
        } catch (IOException e) {
            throw AtomicFiles.failure(file, "cannot be read", e);
        }
        return parse(bytes, type, file.toString());
    }

    /**
     * Parses UTF-8 text.
     *
     * @param source what messages call the text
     * @throws IllegalArgumentException naming source and line if the content does not fit
     */
    public static <T> T parse(byte[] utf8, Class<T> type, String source) {
        try {
            T value = MAPPER.readValue(utf8, type);
            if (value == null || (value instanceof JsonNode node && node.isMissingNode())) {
                throw new IllegalArgumentException(
                        source + ": expected JSON, got " + (utf8.length == 0 ? "nothing" : "null"));
            }
            return value;
        } catch (JsonProcessingException e) {
            String line = e.getLocation() == null ? "" : ":" + e.getLocation().getLineNr();
            throw new IllegalArgumentException(source + line + ": expected JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("reading from memory: expected no failure", e);
        }
    }

    /** Indented text in the order of the value, with a final line end. */
    public static String pretty(Object value) {
        return write(MAPPER, value, true) + "\n";
    }

    /** One line with all keys sorted: equal for equal content, so fit for digests. */
    public static String canonical(Object value) {
        return write(SORTED, value, false);
    }

    /** Writes {@link #pretty} text atomically. */
    public static void write(Path file, Object value) {
        AtomicFiles.writeBytes(file, pretty(value).getBytes(StandardCharsets.UTF_8));
    }

    private static String write(JsonMapper mapper, Object value, boolean indent) {
        try {
            return indent
                    ? mapper.writerWithDefaultPrettyPrinter().writeValueAsString(value)
                    : mapper.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(
                    "value: expected a record, map, list or scalar, got " + value.getClass() + ": "
                            + e.getOriginalMessage(),
                    e);
        }
    }

    private static JsonMapper.Builder strict() {
        return JsonMapper.builder()
                .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES);
    }
}
