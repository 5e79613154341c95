// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageCodecTest {
    @TempDir
    private Path folder;

    @Test
    void aWrittenPngReadsBackEqualAndLeavesNoOtherFile() throws IOException {
        RgbImage image = noise(9, 5);
        Path file = folder.resolve("new/sub/image.png");
        ImageCodec.writePng(file, image);
        ImageCodec.writePng(file, image);
        assertEquals(image, ImageCodec.read(file));
        try (Stream<Path> files = Files.list(file.getParent())) {
            assertEquals(List.of(file), files.toList());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void allFormatsKeepSizeAndColour(String format) throws IOException {
        byte[] rgb = new byte[16 * 8 * 3];
        Arrays.fill(rgb, (byte) 128);
        RgbImage image = ImageCodec.read(encode(RgbImage.of(16, 8, rgb).toBufferedImage(), format), "test");
        assertEquals(16, image.width());
        assertEquals(8, image.height());
        assertEquals(128, image.get(15, 7, 1), 2);
    }

    @Test
    void greyIsRepeatedAndAlphaDroppedWithoutBlending() throws IOException {
        BufferedImage grey = new BufferedImage(2, 1, BufferedImage.TYPE_BYTE_GRAY);
        grey.getRaster().setSample(1, 0, 0, 77);
        assertArrayEquals(
                new byte[] {0, 0, 0, 77, 77, 77},
                ImageCodec.read(encode(grey, "png"), "grey").toBytes());
        BufferedImage transparent = new BufferedImage(1, 1, BufferedImage.TYPE_4BYTE_ABGR);
        transparent.setRGB(0, 0, 0x01203040);
        assertArrayEquals(
                new byte[] {0x20, 0x30, 0x40},
                ImageCodec.read(encode(transparent, "png"), "alpha").toBytes());
    }

    @ParameterizedTest
    @ValueSource(strings = {"png", "jpg", "gif", "bmp"})
    void everyTruncationIsNoticedAndNamesTheFile(String format) throws IOException {
        byte[] whole = encode(noise(40, 30).toBufferedImage(), format);
        for (int percent : new int[] {1, 10, 50, 90}) {
            byte[] part = Arrays.copyOf(whole, whole.length * percent / 100 + 1);
            String message = assertThrows(
                            UncheckedIOException.class,
                            () -> ImageCodec.read(part, "cut." + format),
                            percent + "% of a " + format)
                    .getMessage();
            assertTrue(message.startsWith("cut." + format + ": expected"), message);
        }
    }

    @Test
    void missingEmptyAndForeignFilesAreNamed() throws IOException {
        Path missing = folder.resolve("missing.png");
        assertEquals(missing + ": expected an image file, got no such file", failure(missing));
        assertEquals(folder + ": expected an image file, got a folder", failure(folder));
        Path empty = Files.createFile(folder.resolve("empty.png"));
        assertEquals(empty + ": expected a PNG, JPEG, GIF or BMP image, got 0 bytes", failure(empty));
        Path text = Files.writeString(folder.resolve("text.png"), "not an image");
        assertEquals(text + ": expected a PNG, JPEG, GIF or BMP image, got 12 bytes of another kind", failure(text));
    }

    private static String failure(Path file) {
        return assertThrows(UncheckedIOException.class, () -> ImageCodec.read(file))
                .getMessage();
    }

    private static byte[] encode(BufferedImage image, String format) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        assertTrue(ImageIO.write(image, format, bytes), format);
        return bytes.toByteArray();
    }

    private static RgbImage noise(int width, int height) {
        RandomStream stream = SeedTree.of(1).stream();
        byte[] rgb = new byte[width * height * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) stream.nextInt(256);
        }
        return RgbImage.of(width, height, rgb);
    }
}
