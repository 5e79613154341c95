// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Sha256;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.zip.CRC32C;
import java.util.zip.CheckedOutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Indices of stored data sets, kept in files so that a data set of a million images is listed once.
 *
 * <p>An index is used again only if every folder and file that it was made from is as it was: a folder's time changes
 * when something is added to it or removed. An image that was overwritten in place shows when its length has changed.
 */
final class IndexCache {
    private static final Logger LOG = LoggerFactory.getLogger(IndexCache.class);
    private static final long MAGIC = 0x4453522D49445831L; // "DSR-IDX1"
    private static final int BUFFER = 1 << 20;

    private IndexCache() {}

    /** The samples below {@code path}, from the cache if it has them; {@code folder} may be null for no cache. */
    static SampleIndex open(Listing listing, Path path, Path folder) {
        if (folder == null) {
            return listing.list(path);
        }
        String name = Sha256.ofText(listing.kind() + " " + path.toAbsolutePath().normalize())
                .substring(0, 16);
        Path file = folder.resolve("index").resolve(name + ".idx");
        SampleIndex known = read(file);
        if (known != null && isCurrent(known, listing.root(path))) {
            return known;
        }
        LOG.info("listing the images of {}; this is done once", path);
        SampleIndex index = listing.list(path);
        write(file, index);
        return index;
    }

    private static boolean isCurrent(SampleIndex index, Path root) {
        for (SampleIndex.Watched watched : index.head().watched()) {
            try {
                BasicFileAttributes now = Files.readAttributes(root.resolve(watched.path()), BasicFileAttributes.class);
                boolean isSame = now.lastModifiedTime().toMillis() == watched.modifiedMillis()
                        && (now.isDirectory() || now.size() == watched.size());
                if (!isSame) {
                    return false;
                }
            } catch (IOException e) {
                return false; // it is gone
            }
        }
        return true;
    }

    private static void write(Path file, SampleIndex index) {
        AtomicFiles.writeFile(file, channel -> {
            CRC32C sum = new CRC32C();
            DataOutputStream out = new DataOutputStream(
                    new BufferedOutputStream(new CheckedOutputStream(Channels.newOutputStream(channel), sum), BUFFER));
            out.writeLong(MAGIC);
            index.write(out);
            out.flush();
            out.writeLong(sum.getValue());
            out.flush();
        });
    }

    /** The index in a file; null if there is none, or a damaged one. */
    private static SampleIndex read(Path file) {
        if (!Files.exists(file)) {
            return null;
        }
        try {
            if (!isWhole(file)) { // before any length in it is believed
                LOG.warn("{}: expected an index of images, got a damaged file; listing anew", file);
                return null;
            }
            try (DataInputStream in =
                    new DataInputStream(new BufferedInputStream(Files.newInputStream(file), BUFFER))) {
                return in.readLong() == MAGIC ? SampleIndex.read(in) : null;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /** Whether the checksum at the end fits all that stands before it. */
    private static boolean isWhole(Path file) throws IOException {
        long content = Files.size(file) - Long.BYTES;
        if (content < Long.BYTES) {
            return false;
        }
        CRC32C sum = new CRC32C();
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
            for (long left = content; left > 0; left -= buffer.limit()) {
                buffer.clear().limit((int) Math.min(BUFFER, left));
                readFully(channel, buffer);
                sum.update(buffer.duplicate());
            }
            buffer.clear().limit(Long.BYTES);
            readFully(channel, buffer);
            return buffer.getLong(0) == sum.getValue();
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                throw new EOFException("it became shorter");
            }
        }
        buffer.flip();
    }
}
