// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/** Writes pickles opcode by opcode, right or wrong. */
public final class Pickle {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    /** A pickle with its first two bytes. */
    public static Pickle start() {
        return new Pickle().op(0x80, 2);
    }

    /** Bytes as they are: opcodes and their arguments. */
    public Pickle op(int... opcodes) {
        for (int opcode : opcodes) {
            bytes.write(opcode);
        }
        return this;
    }

    /** Bytes as they are. */
    public Pickle raw(byte[] more) {
        bytes.writeBytes(more);
        return this;
    }

    /** A text with a length of four bytes. */
    public Pickle text(String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        return op('X').int32(utf8.length).raw(utf8);
    }

    /** Four bytes, little endian, without an opcode. */
    public Pickle int32(int value) {
        return raw(ByteBuffer.allocate(4)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(value)
                .array());
    }

    /** An integer of four bytes. */
    public Pickle integer(int value) {
        return op('J').int32(value);
    }

    /** An integer of eight bytes. */
    public Pickle longInteger(long value) {
        return op(0x8a, 8)
                .raw(ByteBuffer.allocate(8)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(value)
                        .array());
    }

    /** A number. */
    public Pickle real(double value) {
        return op('G').raw(ByteBuffer.allocate(8).putDouble(value).array());
    }

    /** A name. */
    public Pickle global(String module, String name) {
        return op('c').raw((module + "\n" + name + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** A tuple of integers. */
    public Pickle tuple(long... values) {
        op('(');
        for (long value : values) {
            longInteger(value);
        }
        return op('t');
    }

    /** An empty ordered dictionary. */
    public Pickle ordered() {
        return global("collections", "OrderedDict").op(')', 'R');
    }

    /** A storage of float32; {@code tail} is what follows the count in its reference. */
    public Pickle storage(String key, long count, int... tail) {
        op('(').text("storage")
                .global("torch", "FloatStorage")
                .text(key)
                .text("cpu")
                .longInteger(count);
        return op(tail).op('t', 'Q');
    }

    /** A tensor of float32 in a new-style file. */
    public Pickle tensor(String key, long count, long offset, long[] shape, long[] stride) {
        global("torch._utils", "_rebuild_tensor_v2").op('(').storage(key, count);
        return view(offset, shape, stride);
    }

    /** Everything after the storage. */
    public Pickle view(long offset, long[] shape, long[] stride) {
        return longInteger(offset).tuple(shape).tuple(stride).op(0x89).ordered().op('t', 'R');
    }

    /** What has been written, with no end. */
    public byte[] bytesSoFar() {
        return bytes.toByteArray();
    }

    /** The end. */
    public byte[] stop() {
        return op('.').bytes.toByteArray();
    }
}
