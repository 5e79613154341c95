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
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.LeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class LatentCacheTest {
    /** Three shards, the last one short. */
    private static final int SIZE = 2 * 1024 + 5;

    private static final LatentKey KEY = new LatentKey(Map.of("encoder", "a", "size", "2"));

    @TempDir
    private Path root;

    private int encoded;

    private LatentCache open(NDManager manager, LatentKey key) {
        encoded = 0;
        return LatentCache.open(root, key, SIZE, 500, manager, this::encode);
    }

    /** Sample i is (i, -i), which float16 holds exactly. */
    private NDArray encode(NDManager manager, int[] samples) {
        encoded += samples.length;
        float[] values = new float[2 * samples.length];
        for (int i = 0; i < samples.length; i++) {
            values[2 * i] = samples[i];
            values[2 * i + 1] = -samples[i];
        }
        return manager.create(values, new Shape(samples.length, 2, 1, 1));
    }

    private List<Path> shards(LatentKey key) throws IOException {
        Path folder = root.resolve("latents").resolve(key.digest().substring(0, 16));
        try (var files = Files.list(folder)) {
            return files.sorted().toList();
        }
    }

    @Test
    void theSecondOpeningEncodesNothing(NDManager manager) {
        assertEquals(SIZE, open(manager, KEY).size());
        assertEquals(SIZE, encoded);
        assertEquals(new Shape(2, 1, 1), open(manager, KEY).sampleShape());
        assertEquals(0, encoded);
        assertTrue(manager.getManagedArrays().isEmpty());
    }

    @Test
    void onlyAMissingShardIsEncodedAgain(NDManager manager) throws IOException {
        open(manager, KEY);
        List<Path> shards = shards(KEY);
        assertEquals(3, shards.size());
        Files.delete(shards.get(2));
        open(manager, KEY);
        assertEquals(5, encoded);
        Files.delete(shards.get(0));
        LatentCache cache = open(manager, KEY);
        assertEquals(1024, encoded);
        assertArrayEquals(
                new float[] {1, -1}, cache.gather(manager, new int[] {1}).toFloatArray());
    }

    @Test
    void anotherKeyHasAnotherFolder(NDManager manager) throws IOException {
        open(manager, KEY);
        LatentKey other = new LatentKey(Map.of("encoder", "b", "size", "2"));
        assertNotEquals(KEY.digest(), other.digest());
        open(manager, other);
        assertEquals(SIZE, encoded);
        assertNotEquals(shards(KEY), shards(other));
    }

    @Test
    void samplesComeInTheOrderAskedForAcrossShards(NDManager manager) {
        NDArray latents = open(manager, KEY).gather(manager, new int[] {2048, 3, 1500, 3});
        assertEquals(new Shape(4, 2, 1, 1), latents.getShape());
        assertEquals(DataType.FLOAT32, latents.getDataType());
        assertArrayEquals(new float[] {2048, -2048, 3, -3, 1500, -1500, 3, -3}, latents.toFloatArray());
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
                IllegalArgumentException.class, () -> LatentCache.open(root, KEY, 0, 4, manager, this::encode));
        assertEquals("data: expected at least one image, got none", error.getMessage());
    }
}
