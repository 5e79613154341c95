// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import java.io.BufferedOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Rendered icons in one file: all pixels {@code (N, S, S, 3)}, then a JSON index, then its length, a checksum of both
 * and a magic number.
 *
 * <p>The end identifies the file, so a truncated one is never taken for whole. Pixels are memory-mapped.
 */
final class IconCache {
    private static final Logger LOG = LoggerFactory.getLogger(IconCache.class);
    private static final long MAGIC = 0x4453522D49434F31L; // "DSR-ICO1"
    private static final int TRAILER_BYTES = Integer.BYTES + Long.BYTES + Long.BYTES;
    private static final long MAX_MAPPING = 1L << 30; // a mapping holds at most 2 GiB
    private static final int WRITE_BUFFER = 1 << 16;

    private final Index index;
    private final int imageBytes;
    private final int imagesPerMapping;
    private final List<ByteBuffer> mappings;

    private IconCache(Index index, List<ByteBuffer> mappings) {
        this.index = index;
        this.mappings = mappings;
        imageBytes = imageBytes(index.size());
        imagesPerMapping = imagesPerMapping(index.size());
    }

    /** What is known about one image. */
    record Entry(String id, int label, String key, String caption) {}

    /** What the pixels are. */
    record Index(String fingerprint, int size, List<Entry> entries) {}

    /** Writes pixels one image after the other and returns the entries of those it wrote. */
    @FunctionalInterface
    interface PixelWriter {
        List<Entry> writeTo(OutputStream pixels) throws IOException;
    }

    /** Creates or replaces a cache file atomically; when the writer fails nothing changes. */
    static void write(Path file, String fingerprint, int size, PixelWriter writer) {
        AtomicFiles.writeFile(file, channel -> {
            CRC32C checksum = new CRC32C();
            OutputStream raw = new BufferedOutputStream(Channels.newOutputStream(channel), WRITE_BUFFER);
            DataOutputStream out = new DataOutputStream(new CheckedOutputStream(raw, checksum));
            List<Entry> entries = writer.writeTo(out);
            byte[] json = Json.canonical(new Index(fingerprint, size, entries)).getBytes(StandardCharsets.UTF_8);
            out.write(json);
            long sum = checksum.getValue();
            out.writeInt(json.length);
            out.writeLong(sum);
            out.writeLong(MAGIC);
            out.flush();
        });
    }

    /** Opens a cache file, or returns null (and logs why) if it is absent, damaged or of other content. */
    static IconCache open(Path file, String fingerprint) {
        if (!Files.exists(file)) {
            return null;
        }
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            return read(channel, fingerprint);
        } catch (UnusableException | IllegalArgumentException e) {
            LOG.warn("{}: expected an icon cache, got {}; rendering anew", file, e.getMessage());
            return null;
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    Index index() {
        return index;
    }

    RgbImage image(int i) {
        byte[] rgb = new byte[imageBytes];
        mappings.get(i / imagesPerMapping).get(i % imagesPerMapping * imageBytes, rgb);
        return RgbImage.of(index.size(), index.size(), rgb);
    }

    private static IconCache read(FileChannel channel, String fingerprint) throws IOException, UnusableException {
        long content = channel.size() - TRAILER_BYTES;
        require(content >= 0, "a file of " + channel.size() + " bytes");
        ByteBuffer trailer = channel.map(FileChannel.MapMode.READ_ONLY, content, TRAILER_BYTES);
        int jsonBytes = trailer.getInt();
        long checksum = trailer.getLong();
        require(trailer.getLong() == MAGIC && jsonBytes >= 0 && jsonBytes <= content, "a truncated or foreign file");
        require(checksum(channel, content) == checksum, "damaged bytes");
        byte[] json = new byte[jsonBytes];
        channel.map(FileChannel.MapMode.READ_ONLY, content - jsonBytes, jsonBytes)
                .get(json);
        Index index = Json.parse(json, Index.class, "index");
        require(index.fingerprint().equals(fingerprint), "icons of another configuration or version");
        int count = index.entries().size();
        long pixelBytes = (long) count * imageBytes(index.size());
        require(pixelBytes == content - jsonBytes, "an index that does not fit the pixels");
        return new IconCache(index, map(channel, pixelBytes, index.size()));
    }

    private static List<ByteBuffer> map(FileChannel channel, long bytes, int size) throws IOException {
        long step = (long) imagesPerMapping(size) * imageBytes(size);
        List<ByteBuffer> mappings = new ArrayList<>();
        for (long from = 0; from < bytes; from += step) {
            mappings.add(channel.map(FileChannel.MapMode.READ_ONLY, from, Math.min(step, bytes - from)));
        }
        return mappings;
    }

    private static long checksum(FileChannel channel, long bytes) throws IOException {
        CRC32C checksum = new CRC32C();
        for (long from = 0; from < bytes; from += MAX_MAPPING) {
            MappedByteBuffer part =
                    channel.map(FileChannel.MapMode.READ_ONLY, from, Math.min(MAX_MAPPING, bytes - from));
            checksum.update(part);
        }
        return checksum.getValue();
    }

    private static int imageBytes(int size) {
        return size * size * RgbImage.CHANNELS;
    }

    private static int imagesPerMapping(int size) {
        return (int) (MAX_MAPPING / imageBytes(size));
    }

    private static void require(boolean condition, String found) throws UnusableException {
        if (!condition) {
            throw new UnusableException(found);
        }
    }

    /** Says what an unusable file was found to be. */
    private static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String found) {
            super(found);
        }
    }
}
