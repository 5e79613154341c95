// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.BiFunction;
import java.util.function.Function;

/**
 * Safetensors files: 8 bytes header length, a JSON header, the tensors' bytes.
 *
 * <p>Reading maps the file, so tensors cost no memory until used; the file must not be changed in place meanwhile
 * (replacing it with {@link AtomicFiles} is fine). What the header claims is checked against the file's size.
 */
public final class SafeTensors {
    /** Name of the only file, or of the model in general, in a folder of published weights. */
    private static final String SINGLE_FILE = "model.safetensors";

    private static final String INDEX_FILE = "model.safetensors.index.json";

    /** The format's own bound on the header; published models stay below 1 MB. */
    private static final long MAX_HEADER = 100_000_000;

    /** Tensors that lie together are mapped together, up to this many bytes. */
    private static final long WINDOW = 1L << 30;

    private SafeTensors() {}

    /**
     * Reads a file.
     *
     * @return its tensors in the header's order
     * @throws IllegalArgumentException naming the file and the fault if it is no valid safetensors file
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static StateDict read(Path file) {
        return withChannel(file, (channel, start) -> map(file, channel, start));
    }

    /** The text metadata of a file; empty if it has none. Fails as {@link #read} does. */
    public static Map<String, String> metadata(Path file) {
        return withChannel(file, (channel, start) -> start.header.metadata());
    }

    /**
     * Reads {@code model.safetensors}, or the shards that {@code model.safetensors.index.json} lists, of a folder.
     *
     * @return all tensors, in the index's order if there is one
     * @throws IllegalArgumentException if there is neither file, or the shards do not hold exactly what the index says
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static StateDict readFolder(Path folder) {
        Path index = folder.resolve(INDEX_FILE);
        Path single = folder.resolve(SINGLE_FILE);
        if (Files.exists(index)) {
            return readShards(folder, index);
        }
        if (!Files.exists(single)) {
            throw new IllegalArgumentException(
                    folder + ": expected " + SINGLE_FILE + " or " + INDEX_FILE + ", got neither");
        }
        return read(single);
    }

    /** Whether {@link #readFolder} finds weights in a folder. */
    public static boolean isFolder(Path folder) {
        return Files.exists(folder.resolve(INDEX_FILE)) || Files.exists(folder.resolve(SINGLE_FILE));
    }

    /** SHA-256 of the weights that {@link #readFolder} reads: of the file, or of a list of the shards with theirs. */
    public static String sha256OfFolder(Path folder) {
        Path index = folder.resolve(INDEX_FILE);
        if (!Files.exists(index)) {
            return Sha256.ofFile(folder.resolve(SINGLE_FILE));
        }
        StringBuilder list = new StringBuilder();
        new TreeSet<>(readIndex(index).values())
                .forEach(shard -> list.append(Sha256.ofFile(folder.resolve(shard)) + "  " + shard + "\n"));
        return Sha256.ofText(list.toString());
    }

    /**
     * Writes tensors in the map's order, atomically; equal input gives equal bytes.
     *
     * @param metadata text by key, may be empty
     * @throws java.io.UncheckedIOException if the file cannot be written
     */
    public static void write(Path file, Map<String, TensorData> tensors, Map<String, String> metadata) {
        write(file, tensors, metadata, TensorData::type, TensorData::toShape, (tensor, type) -> tensor);
    }

    /**
     * Writes tensors with all floating ones converted.
     *
     * @param floating FLOAT32, FLOAT16 or BFLOAT16; tensors of integers and booleans keep their type
     */
    public static void write(
            Path file, Map<String, TensorData> tensors, Map<String, String> metadata, DataType floating) {
        write(
                file,
                tensors,
                metadata,
                tensor -> tensor.type().isFloating() ? floating : tensor.type(),
                TensorData::toShape,
                (tensor, type) -> tensor.toFloating(floating));
    }

    /** Writes arrays of any device as {@link #write(Path, Map, Map)} does, copying one at a time to the host. */
    public static void writeArrays(Path file, Map<String, NDArray> arrays, Map<String, String> metadata) {
        write(file, arrays, metadata, NDArray::getDataType, NDArray::getShape, (array, type) -> TensorData.of(array));
    }

    /**
     * Writes arrays with all floating ones converted.
     *
     * @param floating FLOAT32, FLOAT16 or BFLOAT16; arrays of integers and booleans keep their type
     */
    public static void writeArrays(
            Path file, Map<String, NDArray> arrays, Map<String, String> metadata, DataType floating) {
        write(
                file,
                arrays,
                metadata,
                array -> array.getDataType().isFloating() ? floating : array.getDataType(),
                NDArray::getShape,
                (array, type) -> TensorData.of(array).toFloating(floating));
    }

    private static <T> void write(
            Path file,
            Map<String, T> tensors,
            Map<String, String> metadata,
            Function<T, DataType> typeOf,
            Function<T, Shape> shapeOf,
            BiFunction<T, DataType, TensorData> load) {
        Map<String, DataType> types = new LinkedHashMap<>();
        Map<String, Shape> shapes = new HashMap<>();
        tensors.forEach((name, tensor) -> {
            types.put(name, typeOf.apply(tensor));
            shapes.put(name, shapeOf.apply(tensor));
        });
        byte[] header = SafeTensorsHeader.layOut(metadata, types, shapes).toBytes();
        AtomicFiles.writeFile(file, channel -> {
            ByteBuffer start = ByteBuffer.allocate(Long.BYTES + header.length).order(ByteOrder.LITTLE_ENDIAN);
            AtomicFiles.writeFully(
                    channel, start.putLong(header.length).put(header).flip());
            for (Map.Entry<String, T> tensor : tensors.entrySet()) {
                TensorData data = load.apply(tensor.getValue(), types.get(tensor.getKey()));
                AtomicFiles.writeFully(channel, data.bytes());
            }
        });
    }

    /** What comes before the data: the header and the number of bytes it takes with its length. */
    private record Start(SafeTensorsHeader header, long dataStart) {}

    @FunctionalInterface
    private interface Reading<T> {
        T from(FileChannel channel, Start start) throws IOException;
    }

    private static <T> T withChannel(Path file, Reading<T> reading) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return reading.from(channel, readStart(file, channel));
        } catch (IOException e) {
            throw AtomicFiles.failure(file, "cannot be read", e);
        }
    }

    private static Start readStart(Path file, FileChannel channel) throws IOException {
        long size = channel.size();
        if (size < Long.BYTES) {
            throw new IllegalArgumentException(
                    file + ": expected 8 bytes of header length, got a file of " + size + " bytes");
        }
        long length = readFully(channel, Long.BYTES).getLong();
        if (length < 0 || length > Math.min(size - Long.BYTES, MAX_HEADER)) {
            throw new IllegalArgumentException(file + ": expected a header of at most "
                    + Math.min(size - Long.BYTES, MAX_HEADER) + " bytes, got " + Long.toUnsignedString(length));
        }
        byte[] json = readFully(channel, (int) length).array();
        long dataStart = Long.BYTES + length;
        return new Start(SafeTensorsHeader.parse(json, size - dataStart, file.toString()), dataStart);
    }

    private static ByteBuffer readFully(FileChannel channel, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length).order(ByteOrder.LITTLE_ENDIAN);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new IOException("the file became shorter while it was read");
            }
        }
        return buffer.flip();
    }

    private static StateDict map(Path file, FileChannel channel, Start start) throws IOException {
        Map<String, TensorData> mapped = new HashMap<>();
        List<SafeTensorsHeader.Entry> entries = SafeTensorsHeader.inFileOrder(start.header.entries());
        for (int first = 0, next; first < entries.size(); first = next) {
            long begin = entries.get(first).begin();
            next = first + 1;
            while (next < entries.size() && entries.get(next).end() - begin <= WINDOW) {
                next++;
            }
            long end = entries.get(next - 1).end();
            ByteBuffer window = end == begin
                    ? ByteBuffer.allocate(0)
                    : channel.map(FileChannel.MapMode.READ_ONLY, start.dataStart + begin, end - begin);
            for (SafeTensorsHeader.Entry entry : entries.subList(first, next)) {
                int offset = (int) (entry.begin() - begin);
                ByteBuffer bytes = window.slice(offset, (int) (entry.end() - entry.begin()));
                mapped.put(entry.name(), TensorData.of(entry.type(), entry.shape(), bytes));
            }
        }
        Map<String, TensorData> ordered = new LinkedHashMap<>();
        start.header.entries().forEach(entry -> ordered.put(entry.name(), mapped.get(entry.name())));
        return StateDict.of(String.valueOf(file.getFileName()), ordered);
    }

    private static StateDict readShards(Path folder, Path index) {
        Map<String, String> shardOf = readIndex(index);
        Map<String, StateDict> shards = new TreeMap<>();
        for (String shard : shardOf.values()) {
            if (!shards.containsKey(shard)) {
                if (!Files.isRegularFile(folder.resolve(shard))) {
                    throw new IllegalArgumentException(
                            index + ": expected the shard " + shard + " beside it, got no such file");
                }
                shards.put(shard, read(folder.resolve(shard)));
            }
        }
        shards.forEach((shard, dict) -> {
            List<String> strangers = dict.names().stream()
                    .filter(name -> !shard.equals(shardOf.get(name)))
                    .map(name -> shardOf.containsKey(name) ? name + ", which is in " + shardOf.get(name) : name)
                    .toList();
            if (!strangers.isEmpty()) {
                throw new IllegalArgumentException(folder.resolve(shard) + ": expected only the names that "
                        + INDEX_FILE + " gives it, got " + LoadReport.listing(strangers));
            }
        });
        List<String> missing = shardOf.entrySet().stream()
                .filter(entry -> !shards.get(entry.getValue()).has(entry.getKey()))
                .map(entry -> entry.getKey() + " in " + entry.getValue())
                .toList();
        if (!missing.isEmpty()) {
            throw new IllegalArgumentException(
                    index + ": expected tensors that the shards lack: " + LoadReport.listing(missing));
        }
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        shardOf.forEach((name, shard) -> tensors.put(name, shards.get(shard).get(name)));
        return StateDict.of(INDEX_FILE, tensors);
    }

    private static Map<String, String> readIndex(Path index) {
        JsonNode map = Json.read(index).path("weight_map");
        if (!map.isObject() || map.isEmpty()) {
            throw new IllegalArgumentException(index + ": weight_map: expected an object of names, got " + map);
        }
        Map<String, String> shardOf = new LinkedHashMap<>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            String shard = entry.getValue().asText();
            // A plain name only: an index must not reach outside its folder.
            if (!entry.getValue().isTextual() || !shard.matches("[A-Za-z0-9][A-Za-z0-9._-]*")) {
                throw new IllegalArgumentException(
                        index + ": weight_map." + entry.getKey() + ": expected a file name, got " + entry.getValue());
            }
            shardOf.put(entry.getKey(), shard);
        }
        return shardOf;
    }
}
