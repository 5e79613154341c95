// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.images;

import ai.djl.ndarray.types.DataType;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.NpzWriter;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * An ADM sample batch that is written image by image: pixels go to a file beside it until {@link #finish}, so that memory
 * does not grow with their number and the archive appears whole.
 */
public final class ImageArchive implements AutoCloseable {
    private final Path target;
    private final Path pixels;
    private final OutputStream out;
    private RgbImage first;
    private int count;

    /**
     * Begins an archive.
     *
     * @throws UncheckedIOException naming the file if its folder cannot be written to
     */
    public ImageArchive(Path target) {
        this.target = target;
        Path folder = target.toAbsolutePath().getParent();
        try {
            Files.createDirectories(folder);
            pixels = Files.createTempFile(folder, "." + target.getFileName(), ".tmp");
            out = new BufferedOutputStream(Files.newOutputStream(pixels));
        } catch (IOException e) {
            throw new UncheckedIOException(target + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /**
     * Appends an image.
     *
     * @throws IllegalArgumentException if it has another size than the first
     */
    public void add(RgbImage image) {
        first = first == null ? image : first;
        if (image.width() != first.width() || image.height() != first.height()) {
            throw new IllegalArgumentException("images: expected all of " + first.width() + "x" + first.height()
                    + ", got " + image.width() + "x" + image.height());
        }
        try {
            out.write(image.toBytes());
            count++;
        } catch (IOException e) {
            throw new UncheckedIOException(pixels + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /** Writes the archive with what is known of the images. */
    public void finish(ImageOrigin origin) {
        try {
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(pixels + ": cannot be written: " + e.getMessage(), e);
        }
        long[] shape = {count, first.height(), first.width(), RgbImage.CHANNELS};
        new NpzWriter()
                .add(NpzImages.IMAGES, DataType.UINT8, shape, stream -> Files.copy(pixels, stream))
                .add(NpzImages.ORIGIN, Json.canonical(origin))
                .write(target);
    }

    @Override
    public void close() {
        try {
            out.close();
            Files.deleteIfExists(pixels);
        } catch (IOException e) {
            throw new UncheckedIOException(pixels + ": cannot be deleted: " + e.getMessage(), e);
        }
    }
}
