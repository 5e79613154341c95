// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.CheckedOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes {@code .npz} archives as NumPy's {@code savez} does: uncompressed, so that readers may map them, and atomically.
 *
 * <p>Equal content gives equal files, byte for byte: entries carry no time.
 */
public final class NpzWriter {
    private static final LocalDateTime NO_TIME = LocalDateTime.of(1980, 1, 1, 0, 0); // the zip format's first
    private static final int BUFFER = 1 << 16;

    private final Map<String, Entry> entries = new LinkedHashMap<>();

    /** Produces the elements of an array, little endian and row-major; is called twice. */
    @FunctionalInterface
    public interface Body {
        /** Writes exactly the bytes that type and shape ask for. */
        void writeTo(OutputStream out) throws IOException;
    }

    private record Entry(DataType type, Shape shape, Body body) {}

    /** Adds an array that is produced while it is written. */
    public NpzWriter add(String name, DataType type, long[] shape, Body body) {
        if (entries.put(name, new Entry(type, new Shape(shape), body)) != null) {
            throw new IllegalArgumentException(name + ": expected an array of this name once, got a second one");
        }
        return this;
    }

    /** Adds a tensor. */
    public NpzWriter add(String name, TensorData data) {
        return add(name, data.type(), data.shape(), out -> {
            byte[] bytes = new byte[data.bytes().remaining()];
            data.bytes().get(bytes);
            out.write(bytes);
        });
    }

    /** Adds float64 values of a shape. */
    public NpzWriter add(String name, double[] values, long... shape) {
        ByteBuffer bytes = ByteBuffer.allocate(Double.BYTES * values.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asDoubleBuffer().put(values);
        return add(name, TensorData.of(DataType.FLOAT64, new Shape(shape), bytes));
    }

    /** Adds a text as its UTF-8 bytes, which NumPy reads as an array of uint8. */
    public NpzWriter add(String name, String text) {
        ByteBuffer bytes = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
        return add(name, TensorData.of(DataType.UINT8, new Shape(bytes.remaining()), bytes));
    }

    /**
     * Creates or replaces a file with all arrays.
     *
     * @throws java.io.UncheckedIOException naming the file if the disk fails
     */
    public void write(Path target) {
        AtomicFiles.writeFile(target, channel -> {
            OutputStream stream = new BufferedOutputStream(Channels.newOutputStream(channel), BUFFER);
            ZipOutputStream zip = new ZipOutputStream(stream);
            for (Map.Entry<String, Entry> entry : entries.entrySet()) {
                write(zip, entry.getKey(), entry.getValue());
            }
            zip.finish();
            stream.flush(); // the channel stays open: it has to reach the disk first
        });
    }

    /** An uncompressed entry needs its checksum before its data: the body runs once for each. */
    private static void write(ZipOutputStream zip, String name, Entry entry) throws IOException {
        byte[] header = NpyHeader.encode(entry.type, entry.shape.getShape());
        CRC32 crc = new CRC32();
        crc.update(header);
        entry.body.writeTo(new CheckedOutputStream(OutputStream.nullOutputStream(), crc));
        ZipEntry zipEntry = new ZipEntry(name + ".npy");
        long size = header.length + TensorData.byteCount(entry.type, entry.shape.getShape());
        zipEntry.setMethod(ZipEntry.STORED);
        zipEntry.setTimeLocal(NO_TIME);
        zipEntry.setSize(size);
        zipEntry.setCompressedSize(size);
        zipEntry.setCrc(crc.getValue());
        zip.putNextEntry(zipEntry);
        zip.write(header);
        entry.body.writeTo(zip);
        zip.closeEntry(); // fails unless size and checksum are those announced
    }
}
