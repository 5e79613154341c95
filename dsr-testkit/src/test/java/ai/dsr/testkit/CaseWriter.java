// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes small cases into a temporary folder. */
final class CaseWriter {
    private final Path root;
    private final Map<String, Entry> tensors = new LinkedHashMap<>();
    private String config = "{}";
    private String gradients = "{\"atol\": 0.01, \"rtol\": 0.0}";

    CaseWriter(Path root) {
        this.root = root;
    }

    CaseWriter config(String json) {
        config = json;
        return this;
    }

    CaseWriter gradients(String json) {
        gradients = json;
        return this;
    }

    /** Adds float32 values. */
    CaseWriter floats(String name, String shape, float... values) {
        byte[] bytes = new byte[Float.BYTES * values.length];
        ByteBuffer buffer = littleEndian(bytes);
        for (float value : values) {
            buffer.putFloat(value);
        }
        return raw(name, "F32", shape, bytes);
    }

    /** Adds int64 values. */
    CaseWriter longs(String name, String shape, long... values) {
        byte[] bytes = new byte[Long.BYTES * values.length];
        ByteBuffer buffer = littleEndian(bytes);
        for (long value : values) {
            buffer.putLong(value);
        }
        return raw(name, "I64", shape, bytes);
    }

    /** Adds bytes of any type. */
    CaseWriter raw(String name, String type, String shape, byte... bytes) {
        tensors.put(name, new Entry(type, shape, bytes));
        return this;
    }

    /** Writes {@code root/kind/name} with tolerance 0.01 (absolute) for every output; returns the folder. */
    Path write(String kind, String name) throws IOException {
        Path folder = Files.createDirectories(root.resolve(kind).resolve(name));
        String outputs = tensors.keySet().stream()
                .filter(key -> key.startsWith("out/"))
                .map(key -> "\"" + key.substring(4) + "\": {\"atol\": 0.01, \"rtol\": 0.0}")
                .collect(Collectors.joining(", "));
        Files.writeString(
                folder.resolve("case.json"),
                "{\"kind\": \"%s\", \"case\": \"%s\", \"config\": %s, \"outputs\": {%s}, \"gradients\": %s}"
                        .formatted(kind, name, config, outputs, gradients));
        writeTensors(folder.resolve("tensors.safetensors"));
        return folder;
    }

    void writeTensors(Path file) throws IOException {
        StringBuilder header = new StringBuilder("{\"__metadata__\": {\"format\": \"pt\"}");
        int offset = 0;
        for (Map.Entry<String, Entry> tensor : tensors.entrySet()) {
            Entry entry = tensor.getValue();
            int end = offset + entry.bytes().length;
            header.append(", \"%s\": {\"dtype\": \"%s\", \"shape\": %s, \"data_offsets\": [%d, %d]}"
                    .formatted(tensor.getKey(), entry.type(), entry.shape(), offset, end));
            offset = end;
        }
        byte[] json = header.append('}').toString().getBytes(StandardCharsets.UTF_8);
        byte[] bytes = new byte[Long.BYTES + json.length + offset];
        ByteBuffer buffer = littleEndian(bytes).putLong(json.length).put(json);
        tensors.values().forEach(entry -> buffer.put(entry.bytes()));
        Files.write(file, bytes);
    }

    private static ByteBuffer littleEndian(byte[] bytes) {
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    @SuppressWarnings("ArrayRecordComponent") // a private value holder, never compared
    private record Entry(String type, String shape, byte[] bytes) {}
}
