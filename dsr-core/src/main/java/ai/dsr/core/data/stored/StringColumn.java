// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** Millions of strings in two arrays: their UTF-8 bytes, and where each ends. */
final class StringColumn {
    private final byte[] bytes;
    private final int[] ends;

    private StringColumn(byte[] bytes, int[] ends) {
        this.bytes = bytes;
        this.ends = ends;
    }

    int size() {
        return ends.length;
    }

    String get(int index) {
        int start = index == 0 ? 0 : ends[index - 1];
        return new String(bytes, start, ends[index] - start, StandardCharsets.UTF_8);
    }

    void write(DataOutputStream out) throws IOException {
        out.writeInt(bytes.length);
        out.write(bytes);
        writeInts(out, ends);
    }

    static StringColumn read(DataInputStream in) throws IOException {
        byte[] bytes = readBytes(in, in.readInt());
        return new StringColumn(bytes, readInts(in));
    }

    /** Writes the length of an array and its numbers. */
    static void writeInts(DataOutputStream out, int[] values) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(Math.multiplyExact(values.length, Integer.BYTES));
        buffer.asIntBuffer().put(values);
        out.writeInt(values.length);
        out.write(buffer.array());
    }

    /** Reads what {@link #writeInts} wrote. */
    static int[] readInts(DataInputStream in) throws IOException {
        int[] values = new int[in.readInt()];
        byte[] raw = readBytes(in, Math.multiplyExact(values.length, Integer.BYTES));
        ByteBuffer.wrap(raw).asIntBuffer().get(values);
        return values;
    }

    private static byte[] readBytes(DataInputStream in, int count) throws IOException {
        byte[] bytes = new byte[count];
        in.readFully(bytes);
        return bytes;
    }

    /** Collects strings. */
    static final class Builder {
        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private int[] ends = new int[16];
        private int count;

        void add(String text) {
            bytes.writeBytes(text.getBytes(StandardCharsets.UTF_8));
            if (bytes.size() < 0) {
                throw new IllegalArgumentException("data: expected less than 2 GiB of names; split the data set");
            }
            if (count == ends.length) {
                ends = Arrays.copyOf(ends, 2 * count);
            }
            ends[count++] = bytes.size();
        }

        StringColumn build() {
            return new StringColumn(bytes.toByteArray(), Arrays.copyOf(ends, count));
        }
    }
}
