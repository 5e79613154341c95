// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.zip.ZipEntry;
import java.util.zip.ZipException;
import java.util.zip.ZipFile;

/**
 * Named arrays as NumPy's {@code savez} and {@code savez_compressed} write them: the samples and reference statistics
 * of the field's evaluators.
 *
 * <p>Checksums are compared, lengths are checked before anything is allocated, and object arrays (pickles) are refused
 * unread. Arrays come out little endian and row-major whatever their order in the file. May be read by one thread at a
 * time.
 */
public final class NpzFile implements AutoCloseable {
    private static final String SUFFIX = ".npy";
    private static final int MAGIC_BYTES = 6;
    /** Deflate cannot shrink more than this, so a larger claim is a lie. */
    private static final long MAX_DEFLATE_RATIO = 1032;

    private final Path path;
    private final ZipFile zip;
    private final Map<String, ZipEntry> entries = new LinkedHashMap<>();

    private NpzFile(Path path, ZipFile zip) {
        this.path = path;
        this.zip = zip;
        for (Enumeration<? extends ZipEntry> all = zip.entries(); all.hasMoreElements(); ) {
            ZipEntry entry = all.nextElement();
            String name = entry.getName();
            entries.put(name.endsWith(SUFFIX) ? name.substring(0, name.length() - SUFFIX.length()) : name, entry);
        }
    }

    /**
     * Opens an archive and reads its directory.
     *
     * @throws IllegalArgumentException naming the file, if it is no whole zip archive
     * @throws UncheckedIOException if the disk fails
     */
    public static NpzFile open(Path path) {
        if (!Files.isRegularFile(path)) {
            throw new IllegalArgumentException(
                    path + ": expected an .npz file, got " + (Files.exists(path) ? "a folder" : "no such file"));
        }
        try {
            return new NpzFile(path, new ZipFile(path.toFile()));
        } catch (ZipException | IllegalArgumentException e) { // the latter for names that are no text
            throw new IllegalArgumentException(path + ": expected a whole .npz archive, got " + fault(path, e), e);
        } catch (IOException e) {
            throw AtomicFiles.failure(path, "cannot be read", e);
        }
    }

    private static String fault(Path path, Exception error) {
        try (InputStream in = Files.newInputStream(path)) {
            byte[] start = in.readNBytes(MAGIC_BYTES);
            if (start.length == 0) {
                return "0 bytes";
            }
            return NpyHeader.startsWithMagic(start)
                    ? "a single array (.npy); write it with numpy.savez"
                    : "another or a truncated file (" + error.getMessage() + ")";
        } catch (IOException e) {
            throw AtomicFiles.failure(path, "cannot be read", e);
        }
    }

    /** The file. */
    public Path path() {
        return path;
    }

    /** Names of the arrays, without {@code .npy}, in the order of the archive. */
    public Set<String> names() {
        return Collections.unmodifiableSet(entries.keySet());
    }

    /** Whether there is an array of this name. */
    public boolean has(String name) {
        return entries.containsKey(name);
    }

    /**
     * Type and shape of an array.
     *
     * @throws IllegalArgumentException naming file, array and fault
     */
    public NpyHeader header(String name) {
        try (NpyRows rows = rows(name)) {
            return rows.header();
        }
    }

    /**
     * The whole of an array.
     *
     * @throws IllegalArgumentException naming file, array and fault
     */
    public TensorData read(String name) {
        try (NpyRows rows = rows(name)) {
            return rows.readAll();
        }
    }

    /**
     * An array whose first axis is read piece by piece, for those that do not fit into memory.
     *
     * @throws IllegalArgumentException naming file, array and fault
     */
    public NpyRows rows(String name) {
        ZipEntry entry = entries.get(name);
        if (entry == null) {
            throw new IllegalArgumentException(
                    path + ": expected an array " + name + ", got " + LoadReport.listing(names()));
        }
        String subject = path + ": " + name;
        if (entry.getSize() > MAX_DEFLATE_RATIO * (entry.getCompressedSize() + 1)) {
            throw new IllegalArgumentException(subject + ": expected at most " + MAX_DEFLATE_RATIO
                    + " bytes for one in the archive, got " + entry.getSize() + " for " + entry.getCompressedSize());
        }
        try {
            return NpyRows.open(subject, zip.getInputStream(entry), entry.getSize(), entry.getCrc());
        } catch (IOException e) {
            throw new IllegalArgumentException(subject + ": expected a whole entry, got " + e.getMessage(), e);
        }
    }

    /**
     * An array of texts or JSON, which this library stores as its UTF-8 bytes; null if there is none.
     *
     * @throws IllegalArgumentException if it is no one-dimensional array of bytes
     */
    public byte[] readBytes(String name) {
        if (!has(name)) {
            return null;
        }
        TensorData data = read(name);
        if (data.shape().length != 1 || data.type().getNumOfBytes() != 1) {
            throw new IllegalArgumentException(path + ": " + name + ": expected bytes (n), got " + data);
        }
        byte[] bytes = new byte[Math.toIntExact(data.size())];
        data.bytes().get(bytes);
        return bytes;
    }

    @Override
    public void close() {
        try {
            zip.close();
        } catch (IOException e) {
            throw AtomicFiles.failure(path, "cannot be closed", e);
        }
    }

    /** Brings elements into row-major little-endian order; the bytes are those of the file. */
    static ByteBuffer normalize(NpyHeader header, byte[] bytes) {
        int size = header.type().getNumOfBytes();
        if (header.isBigEndian() && size > 1) {
            for (int start = 0; start < bytes.length; start += size) {
                for (int i = start, j = start + size - 1; i < j; i++, j--) {
                    byte low = bytes[i];
                    bytes[i] = bytes[j];
                    bytes[j] = low;
                }
            }
        }
        boolean isReordered = header.isFortranOrder() && header.shape().dimension() > 1;
        return ByteBuffer.wrap(isReordered ? rowMajor(header.shape(), bytes, size) : bytes)
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private static byte[] rowMajor(Shape shape, byte[] columnMajor, int size) {
        byte[] result = new byte[columnMajor.length];
        int dimensions = shape.dimension();
        long[] index = new long[dimensions];
        for (int from = 0; from < columnMajor.length; from += size) {
            long to = 0;
            for (int axis = 0; axis < dimensions; axis++) {
                to = to * shape.get(axis) + index[axis];
            }
            System.arraycopy(columnMajor, from, result, (int) to * size, size);
            for (int axis = 0; axis < dimensions && ++index[axis] == shape.get(axis); axis++) {
                index[axis] = 0;
            }
        }
        return result;
    }
}
