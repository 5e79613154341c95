// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.run.Progress;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The latents of a data set, encoded once: shards of {@value #SHARD} samples, read through memory maps.
 *
 * <p>The folder is named by the {@link LatentKey}, so latents of another encoder, size or data set are never picked up.
 * Each shard is written atomically: encoding that was stopped goes on with the first missing shard. Samples that cannot
 * be read are zero and listed in their shard.
 */
public final class LatentCache implements LatentSource {
    private static final int SHARD = 256;
    private static final String TENSOR = "latents";
    private static final String KEY = "key";
    private static final String CORRUPT = "corrupt";

    private final List<TensorData> shards = new ArrayList<>();
    private final SortedMap<Integer, String> corrupt = new TreeMap<>();
    private final LatentStorage storage;
    private final Shape sampleShape;
    private final int size;

    private LatentCache(Path folder, LatentKey key, int size, DataType type) {
        this.size = size;
        storage = new LatentStorage(type);
        for (int first = 0; first < size; first += SHARD) {
            read(shard(folder, first), key, Math.min(SHARD, size - first));
        }
        sampleShape = shards.get(0).toShape().slice(1);
    }

    /**
     * Opens the latents of a key, encoding what is not there yet.
     *
     * @param root folder of all caches
     * @param key what the latents depend on, the type of storage included
     * @param size number of samples
     * @param type float16, bfloat16 or float32
     * @param manager under which batches are encoded
     * @param encoding from sample numbers to latents
     */
    public static LatentCache open(
            Path root, LatentKey key, int size, DataType type, NDManager manager, ShardEncoder encoding) {
        if (size < 1) {
            throw new IllegalArgumentException("data: expected at least one image, got none");
        }
        Path folder = root.resolve("latents").resolve(key.digest().substring(0, 16));
        try (Progress progress = Progress.start("Encoding", size, encodedBefore(folder, size))) {
            for (int first = 0; first < size; first += SHARD) {
                Path file = shard(folder, first);
                if (!Files.exists(file)) {
                    int count = Math.min(SHARD, size - first);
                    ShardEncoder.Shard shard =
                            encoding.encode(manager, first, count, new LatentStorage(type), progress);
                    SafeTensors.write(
                            file,
                            Map.of(TENSOR, shard.latents()),
                            Map.of(KEY, key.text(), CORRUPT, Json.canonical(shard.corrupt())));
                }
            }
        }
        return new LatentCache(folder, key, size, type);
    }

    private static Path shard(Path folder, int first) {
        return folder.resolve(String.format(Locale.ROOT, "shard-%06d.safetensors", first / SHARD));
    }

    private static int encodedBefore(Path folder, int size) {
        int count = 0;
        for (int first = 0; first < size; first += SHARD) {
            count += Files.exists(shard(folder, first)) ? Math.min(SHARD, size - first) : 0;
        }
        return count;
    }

    private void read(Path file, LatentKey key, int count) {
        TensorData latents = SafeTensors.read(file).get(TENSOR);
        Map<String, String> metadata = SafeTensors.metadata(file);
        String stored = metadata.get(KEY);
        if (!key.text().equals(stored) || latents.shape()[0] != count || latents.type() != storage.type()) {
            throw new IllegalArgumentException(file + ": expected latents of " + key.text() + ", got " + stored
                    + "; delete the folder to encode anew");
        }
        shards.add(latents);
        try {
            corrupt.putAll(
                    Json.mapper().readValue(metadata.get(CORRUPT), new TypeReference<Map<Integer, String>>() {}));
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + ": expected a list of corrupt samples, got " + e.getMessage(), e);
        }
    }

    @Override
    public int size() {
        return size;
    }

    @Override
    public Shape sampleShape() {
        return sampleShape;
    }

    @Override
    public SortedMap<Integer, String> corrupt() {
        return corrupt;
    }

    @Override
    public NDArray gather(NDManager manager, int[] samples) {
        int bytesEach = Math.toIntExact(storage.bytes() * sampleShape.size());
        ByteBuffer bytes = ByteBuffer.allocate(bytesEach * samples.length);
        for (int sample : samples) {
            ByteBuffer shard = shards.get(sample / SHARD).bytes();
            int start = sample % SHARD * bytesEach;
            bytes.put(shard.position(start).limit(start + bytesEach));
        }
        return storage.unpack(manager, bytes.flip(), new Shape(samples.length).addAll(sampleShape));
    }
}
