// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.data.Prefetch;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.run.Progress;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BiFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * From images to the latents of a shard: some threads decode ahead, the engine encodes batch after batch.
 *
 * <p>Images that cannot be read are named, and counted over all shards; too many of them end the work.
 */
public final class ShardEncoder {
    private static final Logger LOG = LoggerFactory.getLogger(ShardEncoder.class);
    private static final int BATCH = 32;
    private static final int AHEAD = 2 * BATCH;

    private final ImageDataset images;
    private final int workers;
    private final int maxCorrupt;
    private final BiFunction<NDManager, List<RgbImage>, NDArray> encoder;
    private int corruptCount;
    private boolean isErrorLogged;

    /**
     * An encoder of a data set.
     *
     * @param workers threads that decode
     * @param maxCorrupt share of images, in [0, 1], that may be unreadable
     * @param encoder maps images to latents {@code (n, C, H, W)} float32, owned by the manager that it is given
     */
    public ShardEncoder(
            ImageDataset images,
            int workers,
            double maxCorrupt,
            BiFunction<NDManager, List<RgbImage>, NDArray> encoder) {
        this.images = images;
        this.workers = workers;
        this.maxCorrupt = (int) (maxCorrupt * images.size());
        this.encoder = encoder;
    }

    /**
     * A shard.
     *
     * @param latents {@code (count, C, H, W)}
     * @param corrupt why a sample's latent is zero, by its number in the data set
     */
    record Shard(TensorData latents, SortedMap<Integer, String> corrupt) {}

    /** A decoded image, or why there is none. */
    private record Decoded(RgbImage image, String fault) {}

    Shard encode(NDManager manager, int first, int count, LatentStorage storage, Progress progress) {
        SortedMap<Integer, String> corrupt = new TreeMap<>();
        ByteBuffer bytes = null;
        Shape shape = null;
        List<RgbImage> batch = new ArrayList<>();
        List<Integer> places = new ArrayList<>();
        try (Prefetch<Decoded> decoded = new Prefetch<>(count, workers, AHEAD, i -> decode(first + i))) {
            for (int i = 0; i < count; i++) {
                Decoded next = decoded.next();
                if (next.image == null) {
                    corrupt.put(first + i, next.fault);
                    countFault(next.fault);
                } else {
                    batch.add(next.image);
                    places.add(i);
                }
                if (batch.size() == BATCH || (i == count - 1 && !batch.isEmpty())) {
                    try (NDManager scope = manager.newSubManager()) {
                        NDArray latents = encoder.apply(scope, batch);
                        if (bytes == null) {
                            shape = latents.getShape().slice(1);
                            bytes = allocate(count * shape.size() * storage.bytes());
                        }
                        copy(storage.pack(latents), bytes, places, Math.toIntExact(shape.size() * storage.bytes()));
                        logError(storage, latents);
                    }
                    batch.clear();
                    places.clear();
                }
                progress.step(1);
            }
        }
        if (shape == null) {
            throw new UncheckedIOException(new java.io.IOException(
                    "every image of a shard is corrupt; the first: " + corrupt.get(corrupt.firstKey())));
        }
        return new Shard(TensorData.of(storage.type(), new Shape(count).addAll(shape), bytes.clear()), corrupt);
    }

    private Decoded decode(int sample) {
        try {
            return new Decoded(images.get(sample).image(), null);
        } catch (UncheckedIOException e) {
            return new Decoded(null, e.getMessage());
        }
    }

    private void countFault(String fault) {
        corruptCount++;
        if (corruptCount > maxCorrupt) {
            throw new IllegalArgumentException("data.max_corrupt: expected at most " + maxCorrupt + " of "
                    + images.size() + " images that cannot be read, got one more: " + fault);
        }
        LOG.warn("left out ({} of at most {}): {}", corruptCount, maxCorrupt, fault);
    }

    private static ByteBuffer allocate(long size) {
        return ByteBuffer.allocate(Math.toIntExact(size)).order(ByteOrder.LITTLE_ENDIAN);
    }

    private static void copy(ByteBuffer packed, ByteBuffer shard, List<Integer> places, int bytesEach) {
        for (int place : places) {
            shard.put(place * bytesEach, packed, packed.position(), bytesEach);
            packed.position(packed.position() + bytesEach);
        }
    }

    /** Once, since all batches of a data set are much alike. */
    private void logError(LatentStorage storage, NDArray latents) {
        if (!isErrorLogged) {
            isErrorLogged = true;
            double[] error = storage.error(latents);
            LOG.info(
                    "latents are stored as {}: off by {} of their size (root mean square), {} at most",
                    storage.type().name().toLowerCase(Locale.ROOT),
                    String.format(Locale.ROOT, "%.1e", error[0]),
                    String.format(Locale.ROOT, "%.1e", error[1]));
        }
    }
}
