// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.CheckedInputStream;

/**
 * One array of an {@link NpzFile}, read from its first row to its last; a row is everything under one first index.
 *
 * <p>The checksum is compared when the last row has been read. A column-major array is read as a whole first.
 */
public final class NpyRows implements AutoCloseable {
    private static final int DRAIN = 1 << 16;

    private final String subject;
    private final CheckedInputStream in;
    private final long entrySize;
    private final long expectedCrc;
    private final NpyHeader header;
    private long read;
    private int next;
    private ByteBuffer whole;

    private NpyRows(String subject, CheckedInputStream in, long entrySize, long expectedCrc) throws IOException {
        this.subject = subject;
        this.in = in;
        this.entrySize = entrySize;
        this.expectedCrc = expectedCrc;
        header = NpyHeader.read(in, entrySize);
        read = header.headerBytes();
    }

    static NpyRows open(String subject, InputStream in, long size, long crc) {
        try {
            return new NpyRows(subject, new CheckedInputStream(in, new CRC32()), size, crc);
        } catch (IOException | IllegalArgumentException e) {
            try (in) {
                throw fault(subject, e);
            } catch (IOException closing) {
                throw fault(subject, closing);
            }
        }
    }

    private static IllegalArgumentException fault(String subject, Exception error) {
        String text = error instanceof IllegalArgumentException
                ? error.getMessage()
                : "expected whole data, got a fault in it (" + error.getMessage() + ")";
        return new IllegalArgumentException(subject + ": " + text, error);
    }

    /** Type and shape of the whole array. */
    public NpyHeader header() {
        return header;
    }

    /** Number of rows; an array without axes has none. */
    public int rows() {
        return header.shape().dimension() == 0
                ? 0
                : Math.toIntExact(header.shape().get(0));
    }

    /** Bytes of a row. */
    public int rowBytes() {
        Shape row = header.shape().slice(1);
        return Math.toIntExact(TensorData.byteCount(header.type(), row.getShape()));
    }

    /**
     * Reads the next row, little endian and row-major.
     *
     * @param row takes {@link #rowBytes} bytes
     * @throws IllegalStateException if all rows have been read
     * @throws IllegalArgumentException naming file, array and fault
     */
    public void next(byte[] row) {
        if (next >= rows()) {
            throw new IllegalStateException(subject + ": expected one of " + rows() + " rows, got row " + next);
        }
        int length = rowBytes();
        if (header.isFortranOrder() && header.shape().dimension() > 1) {
            if (whole == null) {
                whole = readAll().bytes();
            }
            whole.get(next * length, row, 0, length);
        } else {
            fill(row, length);
            if (header.isBigEndian()) {
                NpyHeader single = new NpyHeader(header.type(), header.shape().slice(1), true, false, 0);
                NpzFile.normalize(single, row);
            }
        }
        if (++next == rows() && whole == null) {
            finish();
        }
    }

    /** The whole array at once. */
    TensorData readAll() {
        long size = header.dataBytes();
        if (size > Integer.MAX_VALUE - 8) {
            throw new IllegalArgumentException(
                    subject + ": expected less than 2 GiB to read at once, got " + size + " bytes; read it row by row");
        }
        byte[] bytes = new byte[(int) size];
        fill(bytes, bytes.length);
        finish();
        return TensorData.of(header.type(), header.shape(), NpzFile.normalize(header, bytes));
    }

    /** Fails unless the array holds RGB images {@code (N, H, W, 3)} uint8, N 1 or more. */
    public NpyRows requireImages() {
        Shape shape = header.shape();
        boolean fits = header.type() == DataType.UINT8 && shape.dimension() == 4 && shape.get(3) == 3;
        if (!fits || shape.size() == 0) {
            throw new IllegalArgumentException(
                    subject + ": expected images (N, H, W, 3) uint8, got " + header.type() + " " + shape);
        }
        return this;
    }

    private void fill(byte[] target, int length) {
        try {
            int got = in.readNBytes(target, 0, length);
            read += got;
            if (got < length) {
                throw new IllegalArgumentException(
                        "data: expected " + entrySize + " bytes in the archive's entry, got " + read);
            }
        } catch (IOException | IllegalArgumentException e) {
            throw fault(subject, e);
        }
    }

    /** Reads what is left, which is ignored, and compares length and checksum. */
    private void finish() {
        try {
            byte[] rest = new byte[DRAIN];
            for (int got = in.read(rest); got >= 0; got = in.read(rest)) {
                read += got;
            }
        } catch (IOException e) {
            throw fault(subject, e);
        }
        if (read != entrySize) {
            throw new IllegalArgumentException(
                    subject + ": data: expected " + entrySize + " bytes in the archive's entry, got " + read);
        }
        long crc = in.getChecksum().getValue();
        if (crc != expectedCrc) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT,
                    "%s: checksum: expected %08x, got %08x; the file is damaged",
                    subject,
                    expectedCrc,
                    crc));
        }
    }

    @Override
    public void close() {
        try {
            in.close();
        } catch (IOException e) {
            throw fault(subject, e);
        }
    }
}
