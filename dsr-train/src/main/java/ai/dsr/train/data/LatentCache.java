// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.run.Progress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The latents of a data set, encoded once: float16 shards of {@value #SHARD} samples, read through memory maps.
 *
 * <p>The folder is named by the {@link LatentKey}, so latents of another encoder, size or data set are never picked up.
 * Each shard is written atomically: encoding that was stopped goes on with the first missing shard.
 */
public final class LatentCache {
    private static final int SHARD = 1024;
    private static final String TENSOR = "latents";

    private final List<TensorData> shards;
    private final Shape sampleShape;
    private final int size;

    private LatentCache(List<TensorData> shards, int size) {
        this.shards = shards;
        this.size = size;
        sampleShape = shards.get(0).toShape().slice(1);
    }

    /**
     * Opens the latents of a key, encoding what is not there yet.
     *
     * @param root folder of all caches
     * @param key what the latents depend on
     * @param size number of samples
     * @param batch how many samples one call of {@code encode} takes
     * @param manager under which batches are encoded
     * @param encode maps sample indices to latents {@code (n, C, H, W)}, owned by the manager that it is given
     */
    public static LatentCache open(Path root, LatentKey key, int size, int batch, NDManager manager, Encoding encode) {
        if (size < 1) {
            throw new IllegalArgumentException("data: expected at least one image, got none");
        }
        Path folder = root.resolve("latents").resolve(key.digest().substring(0, 16));
        List<TensorData> shards = new ArrayList<>();
        try (Progress progress = Progress.start("Encoding", size, encodedBefore(folder, size))) {
            for (int first = 0; first < size; first += SHARD) {
                int count = Math.min(SHARD, size - first);
                Path file = shard(folder, first);
                if (!Files.exists(file)) {
                    write(file, key, encodeShard(manager, first, count, batch, encode, progress));
                }
                shards.add(read(file, key, count));
            }
        }
        return new LatentCache(shards, size);
    }

    private static Path shard(Path folder, int first) {
        return folder.resolve(String.format(Locale.ROOT, "shard-%05d.safetensors", first / SHARD));
    }

    private static int encodedBefore(Path folder, int size) {
        int count = 0;
        for (int first = 0; first < size; first += SHARD) {
            count += Files.exists(shard(folder, first)) ? Math.min(SHARD, size - first) : 0;
        }
        return count;
    }

    private static TensorData encodeShard(
            NDManager manager, int first, int count, int batch, Encoding encode, Progress progress) {
        ByteBuffer bytes = null;
        Shape shape = null;
        for (int i = 0; i < count; i += batch) {
            int n = Math.min(batch, count - i);
            int[] samples = new int[n];
            for (int j = 0; j < n; j++) {
                samples[j] = first + i + j;
            }
            try (NDManager scope = manager.newSubManager()) {
                NDArray half = encode.encode(scope, samples).toType(DataType.FLOAT16, false);
                if (bytes == null) {
                    shape = half.getShape().slice(1);
                    bytes = ByteBuffer.allocate(Math.toIntExact(2L * count * shape.size()))
                            .order(ByteOrder.LITTLE_ENDIAN);
                }
                bytes.put(half.toByteBuffer());
            }
            progress.step(n);
        }
        return TensorData.of(DataType.FLOAT16, new Shape(count).addAll(shape), bytes.flip());
    }

    private static void write(Path file, LatentKey key, TensorData latents) {
        SafeTensors.write(file, Map.of(TENSOR, latents), Map.of("key", key.text()));
    }

    private static TensorData read(Path file, LatentKey key, int count) {
        TensorData latents = SafeTensors.read(file).get(TENSOR);
        String stored = SafeTensors.metadata(file).get("key");
        if (!key.text().equals(stored) || latents.shape()[0] != count) {
            throw new IllegalArgumentException(file + ": expected latents of " + key.text() + ", got " + stored
                    + "; delete the folder to encode anew");
        }
        return latents;
    }

    /** Number of samples. */
    public int size() {
        return size;
    }

    /** Shape {@code (C, H, W)} of one sample. */
    public Shape sampleShape() {
        return sampleShape;
    }

    /** The latents of the given samples as float32 {@code (n, C, H, W)} in {@code manager}. */
    public NDArray gather(NDManager manager, int[] samples) {
        int bytesEach = Math.toIntExact(2 * sampleShape.size());
        ByteBuffer bytes = manager.allocateDirect(bytesEach * samples.length);
        for (int sample : samples) {
            ByteBuffer shard = shards.get(sample / SHARD).bytes();
            int start = sample % SHARD * bytesEach;
            bytes.put(shard.position(start).limit(start + bytesEach));
        }
        Shape shape = new Shape(samples.length).addAll(sampleShape);
        return manager.create(bytes.flip(), shape, DataType.FLOAT16).toType(DataType.FLOAT32, false);
    }

    /** Encodes the images of some samples. */
    @FunctionalInterface
    public interface Encoding {
        /** Latents {@code (n, C, H, W)} of the samples, owned by {@code manager}. */
        NDArray encode(NDManager manager, int[] samples);
    }
}
