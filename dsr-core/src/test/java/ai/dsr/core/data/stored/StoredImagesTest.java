// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StoredImagesTest {
    @TempDir
    private Path temp;

    @Test
    void captionsStandBesideTheirImages() throws IOException {
        add("b/2.png", 2);
        text("b/2.txt", " a dog\n");
        add("1.png", 1);
        text("1.txt", "ein grüner Apfel");
        StoredImages images = StoredImages.captionFolder(temp, null, 0);
        assertEquals(List.of("1.png", "b/2.png"), ids(images));
        assertEquals("ein grüner Apfel", images.caption(0));
        assertEquals("a dog", images.get(1).caption());
        assertEquals(2, images.get(1).image().get(0, 0, 0));
        assertEquals(1, images.classNames().size());
    }

    @Test
    void pairsThatCannotBeUsedAreLeftOutUpToALimit() throws IOException {
        add("no-caption.png", 1);
        add("empty.png", 1);
        text("empty.txt", "  ");
        add("latin1.png", 1);
        Files.write(temp.resolve("latin1.txt"), "Äpfel".getBytes(StandardCharsets.ISO_8859_1));
        add("good.png", 1);
        text("good.txt", "good");
        assertEquals(List.of("good.png"), ids(StoredImages.captionFolder(temp, null, 0.75)));
        String message = assertThrows(IllegalArgumentException.class, () -> StoredImages.captionFolder(temp, null, 0.5))
                .getMessage();
        assertEquals(
                temp + ": expected at most a share of 0.5 unusable samples, got 3 of 4; the first: empty.png: empty.txt"
                        + " is empty",
                message);
    }

    @Test
    void aManifestNamesImagesCaptionsAndClasses() throws IOException {
        add("images/1.png", 1);
        add("images/2.png", 2);
        Path manifest = text(
                "train.jsonl",
                """
                {"file_name": "images/2.png", "text": ["two", "zwei"], "label": "b"}

                {"image": "images/1.png", "caption": "one", "label": "a"}
                {"image": "images/3.png", "caption": "gone"}
                {"image": "images/1.png"}
                not JSON
                """);
        StoredImages images = StoredImages.jsonl(manifest, null, 0.6);
        assertEquals(List.of("a", "b"), images.classNames());
        assertEquals(List.of("images/2.png", "images/1.png"), ids(images));
        assertEquals("two", images.caption(0));
        assertEquals(1, images.label(0));
        assertEquals(1, images.get(1).image().get(0, 0, 0));
        String message = assertThrows(IllegalArgumentException.class, () -> StoredImages.jsonl(manifest, null, 0))
                .getMessage();
        assertTrue(
                message.endsWith("got 3 of 5; the first: train.jsonl:4: image images/3.png cannot be read"), message);
    }

    @Test
    void tarShardsAreReadWhereTheyLie() throws IOException {
        tar("b.tar", List.of("x.txt", "x.png", "x.json"), "from b", png(7), "{\"label\": 3}");
        tar("a.tar", List.of("dir/0.png", "dir/0.cls", "dir/0.txt", "dir/1.jpg.png"), png(5), "1", "first", png(6));
        StoredImages images = StoredImages.tar(temp, null, 0.5);
        assertEquals(List.of("a.tar/dir/0", "b.tar/x"), ids(images));
        assertEquals(5, images.get(0).image().get(0, 0, 0));
        assertEquals(7, images.get(1).image().get(0, 0, 0));
        assertEquals("first", images.caption(0));
        assertEquals("from b", images.caption(1));
        assertEquals(List.of(1, 3), List.of(images.label(0), images.label(1)));
        assertEquals(4, images.classNames().size());
        assertEquals(
                List.of("b.tar/x"), ids(StoredImages.tar(temp.resolve("b.tar"), null, 0)), "one shard by its name");
    }

    @Test
    void brokenShardsAndMissingPathsAreNamed() throws IOException {
        Path broken = text("broken.tar", "this is no tar file, but long enough to be one".repeat(20));
        assertTrue(assertThrows(UncheckedIOException.class, () -> StoredImages.tar(broken, null, 0))
                .getMessage()
                .startsWith(broken + ": expected a tar file, got "));
        Path missing = temp.resolve("missing");
        assertEquals(
                missing + ": expected a folder of tar files, got no such folder",
                refused(() -> StoredImages.tar(missing, null, 0)));
        assertEquals(
                missing + ": expected a file of JSON lines, got no such file",
                refused(() -> StoredImages.jsonl(missing, null, 0)));
        assertEquals(
                missing + ": expected a folder of images with captions, got no such folder",
                refused(() -> StoredImages.captionFolder(missing, null, 0)));
    }

    @Test
    void aCachedListIsUsedUntilTheFolderChanges() throws IOException {
        Path cache = temp.resolve("cache");
        Path root = temp.resolve("data");
        add("data/a/1.png", 1);
        StoredImages first = StoredImages.folder(root, cache);
        FileTime before = Files.getLastModifiedTime(cached(cache));
        StoredImages second = StoredImages.folder(root, cache);
        assertEquals(first.fingerprint(), second.fingerprint());
        assertEquals(ids(first), ids(second));
        assertEquals(before, Files.getLastModifiedTime(cached(cache)), "not listed again");
        add("data/a/2.png", 2);
        Files.setLastModifiedTime(root.resolve("a"), FileTime.fromMillis(1)); // whatever the clock's resolution
        StoredImages third = StoredImages.folder(root, cache);
        assertEquals(List.of("a/1.png", "a/2.png"), ids(third));
        assertNotEquals(first.fingerprint(), third.fingerprint());
    }

    @Test
    void aChangedCaptionMakesTheListStale() throws IOException {
        Path cache = temp.resolve("cache");
        add("data/1.png", 1);
        text("data/1.txt", "one");
        Path root = temp.resolve("data");
        assertEquals("one", StoredImages.captionFolder(root, cache, 0).caption(0));
        text("data/1.txt", "another");
        assertEquals("another", StoredImages.captionFolder(root, cache, 0).caption(0));
    }

    @Test
    void aDamagedListIsMadeAnew() throws IOException {
        Path cache = temp.resolve("cache");
        Path root = temp.resolve("data");
        add("data/a/1.png", 1);
        String expected = StoredImages.folder(root, cache).fingerprint();
        byte[] bytes = Files.readAllBytes(cached(cache));
        for (int damage : new int[] {0, 8, 9, 30, bytes.length / 2, bytes.length - 1}) {
            byte[] flipped = bytes.clone();
            flipped[damage] ^= 0x55;
            Files.write(cached(cache), flipped);
            assertEquals(expected, StoredImages.folder(root, cache).fingerprint());
            Files.write(cached(cache), Arrays.copyOf(bytes, damage));
            assertEquals(expected, StoredImages.folder(root, cache).fingerprint());
        }
    }

    @Test
    void anImageThatShrankIsNamed() throws IOException {
        add("a/1.png", 1);
        StoredImages images = StoredImages.folder(temp, null);
        Files.write(temp.resolve("a/1.png"), new byte[3]);
        String message =
                assertThrows(UncheckedIOException.class, () -> images.get(0)).getMessage();
        assertEquals(temp.resolve("a/1.png") + ": cannot be read: it has become shorter since it was listed", message);
    }

    @Test
    void orderIsThatOfUtf8Bytes() {
        List<String> names = new ArrayList<>(List.of("b", "a\uFFFD", "a\uD83D\uDE00", "a", "ab", "Z"));
        List<String> expected = names.stream()
                .sorted((x, y) ->
                        Arrays.compareUnsigned(x.getBytes(StandardCharsets.UTF_8), y.getBytes(StandardCharsets.UTF_8)))
                .toList();
        names.sort(ImageFiles.BYTEWISE);
        assertEquals(expected, names);
    }

    private static String refused(Runnable action) {
        return assertThrows(IllegalArgumentException.class, action::run).getMessage();
    }

    private static List<String> ids(ImageDataset images) {
        return IntStream.range(0, images.size()).mapToObj(images::id).toList();
    }

    private static Path cached(Path cache) throws IOException {
        try (Stream<Path> files = Files.list(cache.resolve("index"))) {
            return files.findFirst().orElseThrow();
        }
    }

    private void add(String name, int value) {
        ImageCodec.writePng(temp.resolve(name), image(value));
    }

    private Path text(String name, String content) throws IOException {
        return Files.writeString(temp.resolve(name), content);
    }

    private static byte[] png(int value) {
        return ImageCodec.encodePng(image(value));
    }

    private static RgbImage image(int value) {
        byte grey = (byte) value;
        return RgbImage.of(1, 1, new byte[] {grey, grey, grey});
    }

    private void tar(String name, List<String> members, Object... contents) throws IOException {
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(Files.newOutputStream(temp.resolve(name)))) {
            for (int i = 0; i < members.size(); i++) {
                byte[] bytes = contents[i] instanceof byte[] raw
                        ? raw
                        : ((String) contents[i]).getBytes(StandardCharsets.UTF_8);
                TarArchiveEntry entry = new TarArchiveEntry(members.get(i));
                entry.setSize(bytes.length);
                out.putArchiveEntry(entry);
                out.write(bytes);
                out.closeArchiveEntry();
            }
        }
    }
}
