// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.image.RgbImage;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.eval.FeatureSpec.FeaturePart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FeatureCacheTest {
    private static final FeatureSpec SPEC = new FeatureSpec(
            "net", "0123", "none", 8, "none", List.of(new FeaturePart("a", 2), new FeaturePart("b", 1)));

    private static final ContentHash FIRST = ContentHash.of(TinyProject.image(1));
    private static final ContentHash SECOND = ContentHash.of(TinyProject.image(2));

    @TempDir
    private Path root;

    private static double[] all(FeatureCache cache, ContentHash hash) {
        double[] values = new double[3];
        cache.read(hash, 0, 3, values, 0);
        return values;
    }

    private List<Path> segments() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(Files::isRegularFile).toList();
        }
    }

    @Test
    void whatWasPutIsThereNextTime() throws IOException {
        try (FeatureCache cache = FeatureCache.open(root, SPEC)) {
            assertFalse(cache.has(FIRST));
            cache.put(FIRST, new float[] {1, 2, 3});
            assertArrayEquals(new double[] {1, 2, 3}, all(cache, FIRST));
        }
        try (FeatureCache cache = FeatureCache.open(root, SPEC)) {
            assertEquals(1, cache.size());
            cache.put(SECOND, new float[] {4, 5, 6});
            assertArrayEquals(new double[] {1, 2, 3}, all(cache, FIRST));
            double[] last = new double[1];
            cache.read(SECOND, SPEC.offset("b"), 1, last, 0);
            assertEquals(6, last[0]);
        }
        FeatureCache.open(root, SPEC).close();
        assertEquals(2, segments().size()); // who only reads leaves nothing
    }

    @Test
    void aTornAndADamagedRecordArePassedOver() throws IOException {
        try (FeatureCache cache = FeatureCache.open(root, SPEC)) {
            cache.put(FIRST, new float[] {1, 2, 3});
            cache.put(SECOND, new float[] {4, 5, 6});
        }
        Path file = segments().get(0);
        byte[] whole = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(whole, whole.length - 1)); // killed while it wrote the second
        try (FeatureCache cache = FeatureCache.open(root, SPEC)) {
            assertTrue(cache.has(FIRST));
            assertFalse(cache.has(SECOND));
        }
        whole[ContentHash.BYTES] ^= 1; // a flipped bit in the first
        Files.write(file, whole);
        try (FeatureCache cache = FeatureCache.open(root, SPEC)) {
            assertFalse(cache.has(FIRST));
            assertTrue(cache.has(SECOND));
        }
    }

    @Test
    void anotherSpecHasAnotherCache() {
        FeatureSpec other = new FeatureSpec("net", "4567", "none", 8, "none", SPEC.parts());
        assertNotEquals(SPEC.hash(), other.hash());
        assertEquals(SPEC.hash(), new FeatureSpec("renamed", "0123", "none", 8, "none", SPEC.parts()).hash());
        try (FeatureCache cache = FeatureCache.open(root, SPEC);
                FeatureCache empty = FeatureCache.open(root, other)) {
            cache.put(FIRST, new float[3]);
            assertFalse(empty.has(FIRST));
        }
    }

    @Test
    void twoProcessesMayWorkAtOnce() {
        try (FeatureCache a = FeatureCache.open(root, SPEC);
                FeatureCache b = FeatureCache.open(root, SPEC)) {
            a.put(FIRST, new float[] {1, 2, 3});
            b.put(FIRST, new float[] {1, 2, 3});
            b.put(SECOND, new float[] {4, 5, 6});
        }
        try (FeatureCache cache = FeatureCache.open(root, SPEC)) {
            assertEquals(2, cache.size());
        }
    }

    @Test
    void theHashIsThatOfThePixelsAndTheirArrangement() {
        RgbImage wide = RgbImage.of(2, 1, new byte[6]);
        RgbImage tall = RgbImage.of(1, 2, new byte[6]);
        assertNotEquals(ContentHash.of(wide), ContentHash.of(tall));
        assertEquals(ContentHash.of(wide), ContentHash.of(RgbImage.of(2, 1, new byte[6])));
    }

    @Test
    void badInputIsNamed() {
        try (FeatureCache cache = FeatureCache.open(root, SPEC)) {
            assertEquals(
                    "features: expected 3 numbers, got 2",
                    assertThrows(IllegalArgumentException.class, () -> cache.put(FIRST, new float[2]))
                            .getMessage());
        }
        assertTrue(assertThrows(IllegalArgumentException.class, () -> SPEC.width("c"))
                .getMessage()
                .startsWith("net: expected one of the features"));
    }
}
