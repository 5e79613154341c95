// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class IconCacheTest {
    private static final List<IconCache.Entry> ENTRIES = List.of(
            new IconCache.Entry("noto/é", 2, "1f34e", "é"), new IconCache.Entry("noto/b", 0, "1f34f", "b, noto style"));

    @TempDir
    private Path folder;

    private Path file;
    private byte[] bytes;

    @BeforeEach
    void writeTwoImages() throws IOException {
        file = folder.resolve("two.icons");
        IconCache.write(file, "print", 1, pixels -> {
            pixels.write(new byte[] {1, 2, 3, 4, 5, (byte) 255});
            return ENTRIES;
        });
        bytes = Files.readAllBytes(file);
    }

    @Test
    void whatWasWrittenIsRead() {
        IconCache cache = IconCache.open(file, "print");
        assertNotNull(cache);
        assertEquals(ENTRIES, cache.index().entries());
        assertArrayEquals(new byte[] {4, 5, (byte) 255}, cache.image(1).toBytes());
    }

    @Test
    void anotherFingerprintOrNoFileIsNoCache() {
        assertNull(IconCache.open(file, "other"));
        assertNull(IconCache.open(folder.resolve("absent"), "print"));
    }

    @Test
    void truncationIsNoticed() throws IOException {
        for (int length = 0; length < bytes.length; length += 9) {
            Files.write(file, Arrays.copyOf(bytes, length));
            assertNull(IconCache.open(file, "print"), "length " + length);
        }
    }

    @Test
    void changedBytesAreNoticed() throws IOException {
        for (int i = 0; i < bytes.length; i += 9) {
            byte[] changed = bytes.clone();
            changed[i] ^= 0x40;
            Files.write(file, changed);
            assertNull(IconCache.open(file, "print"), "byte " + i);
        }
    }

    @Test
    void anIndexThatDoesNotFitThePixelsIsNoticed() {
        IconCache.write(file, "print", 1, pixels -> ENTRIES);
        assertNull(IconCache.open(file, "print"));
    }

    @Test
    void aFailingWriterLeavesNoFile() {
        Path other = folder.resolve("other.icons");
        assertThrows(
                IllegalStateException.class,
                () -> IconCache.write(other, "print", 1, pixels -> {
                    throw new IllegalStateException("too many failures");
                }));
        assertFalse(Files.exists(other));
        assertEquals(1, folder.toFile().list().length);
    }
}
