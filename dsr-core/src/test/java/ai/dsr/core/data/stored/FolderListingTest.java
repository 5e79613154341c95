// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.data.Sample;
import ai.dsr.core.data.Split;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderListingTest {
    @TempDir
    private Path root;

    @Test
    void classesAndFilesAreSortedBytewise() throws IOException {
        add("b_dog/2.png", 1);
        add("b_dog/10.png", 2);
        add("b_dog/sub/0.PNG", 3);
        add("a/z.png", 4);
        add("Z/e.png", 5);
        Files.writeString(root.resolve("a/notes.txt"), "no image");
        add(".hidden/1.png", 6);
        add("a/.thumbs/1.png", 6);
        StoredImages images = StoredImages.folder(root, null);
        assertEquals(List.of("Z", "a", "b_dog"), images.classNames());
        assertEquals(List.of("Z/e.png", "a/z.png", "b_dog/10.png", "b_dog/2.png", "b_dog/sub/0.PNG"), ids(images));
        Sample sample = images.get(2);
        assertEquals(2, sample.label());
        assertEquals("b dog", sample.caption());
        assertEquals(2, sample.image().get(0, 0, 0));
        assertEquals("b_dog/10.png", images.splitKey(2));
    }

    @Test
    void aFlatFolderIsOneClass() throws IOException {
        add("two.png", 2);
        add("one.png", 1);
        StoredImages images = StoredImages.folder(root, null);
        assertEquals(List.of(images.name()), images.classNames());
        assertEquals(List.of("one.png", "two.png"), ids(images));
        assertEquals(images.size(), images.indices(Split.ALL).size());
    }

    @Test
    void theFingerprintFollowsNamesAndLengths() throws IOException {
        add("a/1.png", 1);
        String before = StoredImages.folder(root, null).fingerprint();
        assertEquals(before, StoredImages.folder(root, null).fingerprint());
        assertEquals(64, before.length());
        add("a/2.png", 1);
        String after = StoredImages.folder(root, null).fingerprint();
        assertNotEquals(before, after);
        Files.move(root.resolve("a/2.png"), root.resolve("a/3.png"));
        assertNotEquals(after, StoredImages.folder(root, null).fingerprint());
    }

    @Test
    void imagesAreDecodedOnlyWhenAskedFor() throws IOException {
        Files.createDirectories(root.resolve("a"));
        Files.writeString(root.resolve("a/broken.png"), "broken");
        StoredImages images = StoredImages.folder(root, null);
        String message =
                assertThrows(UncheckedIOException.class, () -> images.get(0)).getMessage();
        assertTrue(message.contains("broken.png"), message);
    }

    @Test
    void missingEmptyAndMixedRootsAreRefused() throws IOException {
        Path missing = root.resolve("missing");
        assertEquals(missing + ": expected a folder of images, got no such folder", failure(missing));
        assertEquals(root + ": expected images in it or in class folders, got none", failure(root));
        Files.createDirectories(root.resolve("empty"));
        assertTrue(failure(root).startsWith(root.resolve("empty") + ": expected images (bmp, gif"), failure(root));
        add("loose.png", 1);
        assertEquals(
                root + ": expected images in it or in class folders, got both: loose.png beside folder empty",
                failure(root));
    }

    private static String failure(Path folder) {
        return assertThrows(IllegalArgumentException.class, () -> StoredImages.folder(folder, null))
                .getMessage();
    }

    private static List<String> ids(StoredImages images) {
        return IntStream.range(0, images.size())
                .mapToObj(i -> images.get(i).id())
                .toList();
    }

    private void add(String name, int value) {
        byte grey = (byte) value;
        ImageCodec.writePng(root.resolve(name), RgbImage.of(1, 1, new byte[] {grey, grey, grey}));
    }
}
