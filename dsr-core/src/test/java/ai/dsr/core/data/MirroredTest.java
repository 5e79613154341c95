// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.dsr.core.data.stored.StoredImages;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MirroredTest {
    @TempDir
    private Path root;

    @Test
    void theSecondHalfIsTheFirstMirrored() {
        ImageCodec.writePng(root.resolve("a/1.png"), RgbImage.of(2, 1, new byte[] {1, 2, 3, 4, 5, 6}));
        ImageCodec.writePng(root.resolve("b/1.png"), RgbImage.of(2, 1, new byte[] {7, 8, 9, 10, 11, 12}));
        ImageDataset source = StoredImages.folder(root, null);
        Mirrored both = new Mirrored(source);
        assertEquals(4, both.size());
        assertEquals(source.get(1), both.get(1));
        assertEquals(
                RgbImage.of(2, 1, new byte[] {10, 11, 12, 7, 8, 9}), both.get(3).image());
        assertEquals("b/1.png mirrored", both.get(3).id());
        assertEquals(both.get(3).id(), both.id(3));
        assertEquals(1, both.label(3));
        assertEquals("b", both.caption(3));
        assertEquals(both.splitKey(1), both.splitKey(3), "both flips are on one side of a split");
        assertNotEquals(source.fingerprint(), both.fingerprint());
    }
}
