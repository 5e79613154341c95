// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The JSON header of a safetensors file: types, shapes and places of the tensors, and text metadata.
 *
 * @param metadata free text by key
 * @param entries the tensors in the header's order; together they cover the data without gap or overlap
 */
record SafeTensorsHeader(Map<String, String> metadata, List<Entry> entries) {
    private static final String METADATA_KEY = "__metadata__";

    /** Names of element types in the file, each with DJL's. */
    private static final Map<String, DataType> TYPES = Map.of(
            "F64", DataType.FLOAT64,
            "F32", DataType.FLOAT32,
            "F16", DataType.FLOAT16,
            "BF16", DataType.BFLOAT16,
            "I64", DataType.INT64,
            "I32", DataType.INT32,
            "I16", DataType.INT16,
            "I8", DataType.INT8,
            "U8", DataType.UINT8,
            "BOOL", DataType.BOOLEAN);

    /** One tensor; {@code begin} and {@code end} are bytes from the start of the data. */
    record Entry(String name, DataType type, Shape shape, long begin, long end) {}

    /** Lays tensors out one after the other in the order given. */
    static SafeTensorsHeader layOut(
            Map<String, String> metadata, Map<String, DataType> types, Map<String, Shape> shapes) {
        List<Entry> entries = new ArrayList<>();
        long offset = 0;
        for (Map.Entry<String, DataType> tensor : types.entrySet()) {
            String name = tensor.getKey();
            if (name.equals(METADATA_KEY)) {
                throw new IllegalArgumentException("tensor name: expected anything but " + METADATA_KEY + ", got it");
            }
            Shape shape = shapes.get(name);
            long end = Math.addExact(offset, TensorData.byteCount(tensor.getValue(), shape.getShape()));
            entries.add(new Entry(name, tensor.getValue(), shape, offset, end));
            offset = end;
        }
        return new SafeTensorsHeader(metadata, entries);
    }

    /** UTF-8 JSON padded with spaces to a multiple of 8 bytes, which aligns the data. */
    byte[] toBytes() {
        ObjectNode root = Json.mapper().createObjectNode();
        if (!metadata.isEmpty()) {
            ObjectNode node = root.putObject(METADATA_KEY);
            metadata.forEach(node::put);
        }
        for (Entry entry : entries) {
            ObjectNode node = root.putObject(entry.name);
            node.put("dtype", typeName(entry.type));
            var sides = node.putArray("shape");
            for (long side : entry.shape.getShape()) {
                sides.add(side);
            }
            node.putArray("data_offsets").add(entry.begin).add(entry.end);
        }
        byte[] json = root.toString().getBytes(StandardCharsets.UTF_8);
        int padded = (json.length + 7) / 8 * 8;
        byte[] bytes = Arrays.copyOf(json, padded);
        Arrays.fill(bytes, json.length, padded, (byte) ' ');
        return bytes;
    }

    /**
     * Parses and checks a header.
     *
     * @param dataLength bytes of the file after the header
     * @param source name of the file for messages
     */
    static SafeTensorsHeader parse(byte[] json, long dataLength, String source) {
        JsonNode root = Json.parse(json, JsonNode.class, source + ": header");
        if (!root.isObject()) {
            throw fault(source, "header: expected a JSON object, got " + kind(root));
        }
        Map<String, String> metadata = new LinkedHashMap<>();
        List<Entry> entries = new ArrayList<>();
        for (Map.Entry<String, JsonNode> property : root.properties()) {
            if (property.getKey().equals(METADATA_KEY)) {
                readMetadata(property.getValue(), metadata, source);
            } else {
                entries.add(readEntry(property.getKey(), property.getValue(), source));
            }
        }
        checkCoverage(entries, dataLength, source);
        return new SafeTensorsHeader(metadata, entries);
    }

    private static void readMetadata(JsonNode node, Map<String, String> metadata, String source) {
        if (!node.isObject()) {
            throw fault(source, METADATA_KEY + ": expected an object, got " + kind(node));
        }
        for (Map.Entry<String, JsonNode> item : node.properties()) {
            if (!item.getValue().isTextual()) {
                throw fault(
                        source, METADATA_KEY + "." + item.getKey() + ": expected text, got " + kind(item.getValue()));
            }
            metadata.put(item.getKey(), item.getValue().textValue());
        }
    }

    private static Entry readEntry(String name, JsonNode node, String source) {
        DataType type = TYPES.get(node.path("dtype").asText());
        if (type == null) {
            throw fault(
                    source,
                    name + ": expected dtype one of F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL, got "
                            + node.path("dtype").asText("none"));
        }
        long[] shape = longs(node.path("shape"), source, name + ": shape");
        long[] offsets = longs(node.path("data_offsets"), source, name + ": data_offsets");
        if (offsets.length != 2 || offsets[0] > offsets[1]) {
            throw fault(source, name + ": data_offsets: expected [begin, end], got " + node.path("data_offsets"));
        }
        long bytes;
        try {
            bytes = TensorData.byteCount(type, shape);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(source + ": " + name + ": " + e.getMessage(), e);
        }
        if (offsets[1] - offsets[0] != bytes) {
            throw fault(
                    source,
                    name + ": expected " + bytes + " bytes for " + typeName(type) + " " + new Shape(shape) + ", got "
                            + (offsets[1] - offsets[0]));
        }
        if (bytes > Integer.MAX_VALUE) {
            throw fault(source, name + ": expected a tensor below 2 GiB, got " + bytes + " bytes");
        }
        return new Entry(name, type, new Shape(shape), offsets[0], offsets[1]);
    }

    private static long[] longs(JsonNode node, String source, String what) {
        if (!node.isArray()) {
            throw fault(source, what + ": expected a list of integers, got " + kind(node));
        }
        long[] values = new long[node.size()];
        for (int i = 0; i < values.length; i++) {
            JsonNode item = node.get(i);
            if (!item.isIntegralNumber() || !item.canConvertToLong() || item.longValue() < 0) {
                throw fault(source, what + ": expected integers of 0 or more, got " + item);
            }
            values[i] = item.longValue();
        }
        return values;
    }

    /** Tensors in order of place must follow each other from byte 0 to the last byte. */
    private static void checkCoverage(List<Entry> entries, long dataLength, String source) {
        long covered = 0;
        for (Entry entry : inFileOrder(entries)) {
            if (entry.begin != covered) {
                throw fault(
                        source,
                        String.format(
                                Locale.ROOT,
                                "%s: data_offsets: expected begin %d, where the data before it" + " ends, got %d",
                                entry.name,
                                covered,
                                entry.begin));
            }
            if (entry.end > dataLength) {
                throw fault(
                        source,
                        String.format(
                                Locale.ROOT,
                                "%s: data_offsets: expected an end of at most %d, the bytes in"
                                        + " the file, got %d; is the file complete?",
                                entry.name,
                                dataLength,
                                entry.end));
            }
            covered = entry.end;
        }
        if (covered != dataLength) {
            throw fault(source, "expected " + covered + " bytes of data, got " + dataLength);
        }
    }

    /** The entries sorted by their place in the data. */
    static List<Entry> inFileOrder(List<Entry> entries) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        return sorted;
    }

    private static String typeName(DataType type) {
        for (Map.Entry<String, DataType> known : TYPES.entrySet()) {
            if (known.getValue() == type) {
                return known.getKey();
            }
        }
        throw new IllegalArgumentException("tensor type: expected one of " + TYPES.values() + ", got " + type);
    }

    private static String kind(JsonNode node) {
        return node.isMissingNode() ? "nothing" : node.getNodeType().name().toLowerCase(Locale.ROOT);
    }

    private static IllegalArgumentException fault(String source, String message) {
        return new IllegalArgumentException(source + ": " + message);
    }
}
