// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import ai.dsr.core.io.AtomicFiles;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Locale;
import java.util.Map;
import javax.imageio.IIOImage;
import javax.imageio.ImageIO;
import javax.imageio.ImageReader;
import javax.imageio.ImageTypeSpecifier;
import javax.imageio.ImageWriter;
import javax.imageio.metadata.IIOMetadata;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;

/**
 * Image files: reads PNG, JPEG, GIF (first frame) and BMP as stored, writes PNG.
 *
 * <p>Grey is repeated, alpha dropped and not composited, 16-bit samples are cut to their upper byte; profiles, gamma
 * chunks and orientation tags are ignored.
 */
public final class ImageCodec {
    private static final String EXPECTED = ": expected a PNG, JPEG, GIF or BMP image, got ";

    private ImageCodec() {}

    /**
     * Reads an image file.
     *
     * @throws UncheckedIOException naming the file, if it is missing, empty, cut short or no image
     */
    public static RgbImage read(Path file) {
        if (!Files.isRegularFile(file)) {
            throw failure(file + ": expected an image file, got " + (Files.exists(file) ? "a folder" : "no such file"));
        }
        try {
            return read(Files.readAllBytes(file), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Reads an encoded image; {@code subject} names it in error messages, which are those of {@link #read(Path)}. */
    public static RgbImage read(byte[] encoded, String subject) {
        if (encoded.length == 0) {
            throw failure(subject + EXPECTED + "0 bytes");
        }
        try (ImageInputStream stream = new MemoryCacheImageInputStream(new ByteArrayInputStream(encoded))) {
            Iterator<ImageReader> readers = ImageIO.getImageReaders(stream);
            if (!readers.hasNext()) {
                throw failure(subject + EXPECTED + encoded.length + " bytes of another kind");
            }
            return decode(readers.next(), stream, subject);
        } catch (IOException | RuntimeException e) {
            if (e instanceof UncheckedIOException known) {
                throw known;
            }
            throw damaged(subject, String.valueOf(e.getMessage()), e); // decoders meet bad bytes with either kind
        }
    }

    private static RgbImage decode(ImageReader reader, ImageInputStream stream, String subject) throws IOException {
        String[] cutShort = new String[1];
        reader.addIIOReadWarningListener((source, warning) -> {
            String text = warning.toLowerCase(Locale.ROOT);
            if (text.contains("premature") || text.contains("truncated") || text.contains("eof")) {
                cutShort[0] = warning;
            }
        });
        try {
            reader.setInput(stream, true, true);
            RgbImage image = RgbImage.of(reader.read(0));
            if (cutShort[0] != null) { // the decoder would fill the missing part with grey
                throw damaged(subject, cutShort[0], null);
            }
            return image;
        } finally {
            reader.dispose();
        }
    }

    /**
     * Writes a PNG; a reader never sees half a file, since it is written beside the target and moved.
     *
     * @throws UncheckedIOException naming the file
     */
    public static void writePng(Path file, RgbImage image) {
        writePng(file, image, Map.of());
    }

    /** Writes a PNG with text chunks, by keyword; see {@link PngText}. */
    public static void writePng(Path file, RgbImage image, Map<String, String> texts) {
        AtomicFiles.writeBytes(file, encodePng(image, texts));
    }

    /** The bytes of a PNG file. */
    public static byte[] encodePng(RgbImage image) {
        return encodePng(image, Map.of());
    }

    /** The bytes of a PNG file with text chunks, by keyword. */
    public static byte[] encodePng(RgbImage image, Map<String, String> texts) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        Iterator<ImageWriter> writers = ImageIO.getImageWritersByFormatName("png");
        if (!writers.hasNext()) {
            throw new IllegalStateException("PNG: expected a writer in this Java runtime, got none");
        }
        ImageWriter writer = writers.next();
        try (ImageOutputStream stream = new MemoryCacheImageOutputStream(bytes)) {
            BufferedImage picture = image.toBufferedImage();
            IIOMetadata metadata =
                    writer.getDefaultImageMetadata(ImageTypeSpecifier.createFromRenderedImage(picture), null);
            if (!texts.isEmpty()) {
                PngText.add(metadata, texts);
            }
            writer.setOutput(stream);
            writer.write(null, new IIOImage(picture, null, metadata), null);
        } catch (IOException e) {
            throw new UncheckedIOException("PNG: cannot be encoded: " + e.getMessage(), e);
        } finally {
            writer.dispose();
        }
        return bytes.toByteArray();
    }

    private static UncheckedIOException failure(String message) {
        return new UncheckedIOException(message, new IOException(message));
    }

    private static UncheckedIOException damaged(String subject, String detail, Exception cause) {
        String message = subject + ": expected a whole image, got damaged or truncated data (" + detail + ")";
        return new UncheckedIOException(message, new IOException(message, cause));
    }
}
