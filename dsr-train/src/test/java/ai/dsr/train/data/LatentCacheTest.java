// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.testkit.LeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class LatentCacheTest {
    private static final int SIZE = 517; // two shards and five samples
    private static final LatentKey KEY = new LatentKey(Map.of("encoder", "a", "size", "2"));

    @TempDir
    private Path root;

    private final NumberedImages images = new NumberedImages(SIZE);

    private LatentCache open(NDManager manager, LatentKey key) {
        return open(manager, key, images, 0, DataType.FLOAT16);
    }

    private LatentCache open(NDManager manager, LatentKey key, NumberedImages data, double maxCorrupt, DataType type) {
        ShardEncoder encoder = new ShardEncoder(data, 2, maxCorrupt, LatentCacheTest::encode);
        return LatentCache.open(root, key, data.size(), type, manager, encoder);
    }

    /** Sample i is (i, -i), which float16 holds exactly. */
    private static NDArray encode(NDManager manager, List<RgbImage> batch) {
        float[] values = new float[2 * batch.size()];
        for (int i = 0; i < batch.size(); i++) {
            values[2 * i] = NumberedImages.number(batch.get(i));
            values[2 * i + 1] = -values[2 * i];
        }
        return manager.create(values, new Shape(batch.size(), 2, 1, 1));
    }

    private List<Path> shards(LatentKey key) throws IOException {
        Path folder = root.resolve("latents").resolve(key.digest().substring(0, 16));
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    private static float[] values(LatentCache cache, NDManager manager, int... samples) {
        try (NDArray latents = cache.gather(manager, samples)) {
            return latents.toFloatArray();
        }
    }

    @Test
    void theSecondOpeningReadsNoImage(NDManager manager) {
        assertEquals(SIZE, open(manager, KEY).size());
        assertEquals(SIZE, images.takeReads());
        assertEquals(new Shape(2, 1, 1), open(manager, KEY).sampleShape());
        assertEquals(0, images.takeReads());
        assertTrue(manager.getManagedArrays().isEmpty());
    }

    @Test
    void onlyAMissingShardIsEncodedAgain(NDManager manager) throws IOException {
        open(manager, KEY);
        List<Path> shards = shards(KEY);
        assertEquals(3, shards.size());
        Files.delete(shards.get(2));
        images.takeReads();
        open(manager, KEY);
        assertEquals(5, images.takeReads());
        Files.delete(shards.get(0));
        LatentCache cache = open(manager, KEY);
        assertEquals(256, images.takeReads());
        assertArrayEquals(new float[] {1, -1}, values(cache, manager, 1));
    }

    @Test
    void anotherKeyHasAnotherFolder(NDManager manager) throws IOException {
        open(manager, KEY);
        LatentKey other = new LatentKey(Map.of("encoder", "b", "size", "2"));
        assertNotEquals(KEY.digest(), other.digest());
        images.takeReads();
        open(manager, other);
        assertEquals(SIZE, images.takeReads());
        assertNotEquals(shards(KEY), shards(other));
    }

    @Test
    void samplesComeInTheOrderAskedForAcrossShards(NDManager manager) {
        NDArray latents = open(manager, KEY).gather(manager, new int[] {516, 3, 300, 3});
        assertEquals(new Shape(4, 2, 1, 1), latents.getShape());
        assertEquals(DataType.FLOAT32, latents.getDataType());
        assertArrayEquals(new float[] {516, -516, 3, -3, 300, -300, 3, -3}, latents.toFloatArray());
    }

    @Test
    void eachTypeKeepsItsDigits(NDManager manager) {
        NumberedImages many = new NumberedImages(40);
        for (DataType type : List.of(DataType.FLOAT32, DataType.FLOAT16, DataType.BFLOAT16)) {
            LatentKey key = new LatentKey(Map.of("dtype", type.name()));
            ShardEncoder thirds = new ShardEncoder(
                    many, 2, 0, (scope, batch) -> encode(scope, batch).div(3));
            LatentCache cache = LatentCache.open(root, key, many.size(), type, manager, thirds);
            double unit = Map.of(DataType.FLOAT32, 0.0, DataType.FLOAT16, 0x1p-11, DataType.BFLOAT16, 0x1p-8)
                    .get(type);
            float[] got = values(cache, manager, IntStream.range(0, 40).toArray());
            double worst = 0;
            for (int i = 0; i < 40; i++) {
                assertEquals(-got[2 * i], got[2 * i + 1]);
                worst = Math.max(worst, Math.abs(got[2 * i] - i / 3f) / Math.max(1, i / 3f));
            }
            assertTrue(worst <= unit && worst >= unit / 8, type + " is off by " + worst);
        }
    }

    @Test
    void corruptImagesAreZeroListedAndRememberedUpToALimit(NDManager manager) {
        NumberedImages broken = new NumberedImages(SIZE, 2, 300);
        LatentCache cache = open(manager, KEY, broken, 0.004, DataType.FLOAT16); // two of 517
        assertEquals(Map.of(2, "image 2 is broken", 300, "image 300 is broken"), cache.corrupt());
        assertArrayEquals(new float[] {0, 0, 3, -3, 0, 0}, values(cache, manager, 2, 3, 300));
        assertEquals(cache.corrupt(), open(manager, KEY).corrupt(), "without reading them again");
        LatentKey other = new LatentKey(Map.of("encoder", "b"));
        IllegalArgumentException error = assertThrows(
                IllegalArgumentException.class, () -> open(manager, other, broken, 0.002, DataType.FLOAT16));
        assertEquals(
                "data.max_corrupt: expected at most 1 of 517 images that cannot be read, got one more: image 300 is"
                        + " broken",
                error.getMessage());
    }

    @Test
    void aShardOfAnotherKeyInTheFolderIsRefused(NDManager manager) throws IOException {
        open(manager, KEY);
        Path shard = shards(KEY).get(0);
        SafeTensors.write(shard, Map.of("latents", TensorData.of(new float[2], 1, 2, 1, 1)), Map.of("key", "{}"));
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> open(manager, KEY));
        assertEquals(
                shard + ": expected latents of " + KEY.text() + ", got {}; delete the folder to encode anew",
                error.getMessage());
    }

    @Test
    void aDataSetWithoutImagesIsRefused(NDManager manager) {
        IllegalArgumentException error = assertThrows(
                IllegalArgumentException.class, () -> open(manager, KEY, new NumberedImages(0), 0, DataType.FLOAT16));
        assertEquals("data: expected at least one image, got none", error.getMessage());
    }

    @Test
    void halfOfTheSamplesAreSeenMirrored(NDManager manager) {
        LatentCache cache = open(manager, KEY);
        LatentData data = new LatentData(cache, LatentNormalizer.none(), new int[] {4, 7}, new int[SIZE], 100);
        assertEquals(2, data.size());
        int[] chosen = data.withMirrors(new int[] {0, 1, 1}, new float[] {0.5f, 0.49f, 0.9f});
        assertArrayEquals(new int[] {4, 107, 7}, data.inCache(chosen));
        try (NDArray latents = data.rawLatents(manager, chosen)) {
            assertArrayEquals(new float[] {4, -4, 107, -107, 7, -7}, latents.toFloatArray());
        }
        LatentData plain = new LatentData(cache, LatentNormalizer.none(), new int[] {4, 7}, new int[SIZE], 0);
        assertArrayEquals(new int[] {1}, plain.withMirrors(new int[] {1}, new float[] {0}));
    }
}
