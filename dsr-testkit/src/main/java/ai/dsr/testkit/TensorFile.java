// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;

/**
 * A reader of safetensors files that shares nothing with the library's own.
 *
 * <p>An oracle must not contain the bug it is to find; the engine's decoder, the other candidate, fails on bfloat16
 * and 16-bit integers. Format: a little-endian int64 header length, the JSON header, the tensors' bytes.
 */
final class TensorFile {
    private static final ObjectMapper JSON = new ObjectMapper();

    private static final Map<String, DataType> TYPES = new TreeMap<>(Map.of(
            "F64", DataType.FLOAT64,
            "F32", DataType.FLOAT32,
            "F16", DataType.FLOAT16,
            "I64", DataType.INT64,
            "I32", DataType.INT32,
            "I8", DataType.INT8,
            "U8", DataType.UINT8,
            "BOOL", DataType.BOOLEAN));

    /** Types that abort the process when the engine is given them, and what they are read as, without loss. */
    private static final Map<String, DataType> WIDENED = Map.of("I16", DataType.INT32, "BF16", DataType.FLOAT32);

    private TensorFile() {}

    /**
     * Reads all tensors of {@code file} in the order of its header; 16-bit integers come as int32, bfloat16 as float32.
     */
    static Map<String, NDArray> read(Path file, NDManager manager) {
        ByteBuffer bytes = ByteBuffer.wrap(bytesOf(file)).order(ByteOrder.LITTLE_ENDIAN);
        if (bytes.remaining() < Long.BYTES) {
            throw malformed(file, "a header length", bytes.remaining() + " bytes in all");
        }
        long length = bytes.getLong();
        if (length < 0 || length > bytes.remaining()) {
            throw malformed(file, "a header of at most " + bytes.remaining() + " bytes", length + "");
        }
        JsonNode header = header(file, bytes, (int) length);
        ByteBuffer data = bytes.slice();
        Map<String, NDArray> tensors = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : header.properties()) {
            if (!entry.getKey().equals("__metadata__")) {
                NDArray tensor = tensor(file, entry.getKey(), entry.getValue(), data, manager);
                tensor.setName(entry.getKey());
                tensors.put(entry.getKey(), tensor);
            }
        }
        return tensors;
    }

    private static byte[] bytesOf(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    private static JsonNode header(Path file, ByteBuffer bytes, int length) {
        byte[] text = new byte[length];
        bytes.get(text);
        try {
            return JSON.readTree(text);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": header: expected JSON", e);
        }
    }

    private static NDArray tensor(Path file, String name, JsonNode entry, ByteBuffer data, NDManager manager) {
        String type = entry.path("dtype").asText();
        DataType dataType = WIDENED.getOrDefault(type, TYPES.get(type));
        if (dataType == null) {
            throw malformed(file, name + ": one of " + TYPES.keySet() + " and " + WIDENED.keySet(), type);
        }
        Shape shape = new Shape(JSON.convertValue(entry.path("shape"), long[].class));
        long[] range = JSON.convertValue(entry.path("data_offsets"), long[].class);
        long expected = shape.size() * (WIDENED.containsKey(type) ? Short.BYTES : dataType.getNumOfBytes());
        if (range[0] < 0 || range[1] > data.capacity() || range[1] - range[0] != expected) {
            String got = "bytes " + range[0] + " to " + range[1] + " of " + data.capacity();
            throw malformed(file, name + ": " + expected + " bytes inside the file", got);
        }
        if (expected == 0) {
            return manager.create(shape, dataType);
        }
        ByteBuffer part = data.slice((int) range[0], (int) expected).order(ByteOrder.LITTLE_ENDIAN);
        return manager.create(WIDENED.containsKey(type) ? widen(type, part) : part, shape, dataType);
    }

    private static ByteBuffer widen(String type, ByteBuffer shorts) {
        int shift = type.equals("BF16") ? Short.SIZE : 0; // bfloat16 is the upper half of a float32
        ByteBuffer ints = ByteBuffer.allocate(2 * shorts.remaining()).order(ByteOrder.nativeOrder());
        while (shorts.hasRemaining()) {
            ints.putInt(shorts.getShort() << shift);
        }
        return ints.flip();
    }

    private static IllegalArgumentException malformed(Path file, String expected, String got) {
        return new IllegalArgumentException(file + ": expected " + expected + ", got " + got);
    }
}
