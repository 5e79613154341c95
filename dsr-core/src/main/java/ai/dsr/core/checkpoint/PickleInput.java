// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Part of a file read forwards through a small buffer; a length is compared with what is left before it is believed. */
final class PickleInput {
    private static final int BUFFER = 1 << 16;

    private final FileChannel channel;
    private final long end;
    private final ByteBuffer buffer;
    private long bufferStart;

    /** The bytes {@code begin} (included) to {@code end} (excluded) of a file. */
    PickleInput(FileChannel channel, long begin, long end) {
        this(channel, begin, end, BUFFER);
    }

    /** The same with a buffer of another size, for places where little is read. */
    PickleInput(FileChannel channel, long begin, long end, int bufferSize) {
        this.channel = channel;
        this.end = end;
        buffer = ByteBuffer.allocate(bufferSize).limit(0);
        bufferStart = begin;
    }

    /** Where the next byte stands in the file. */
    long position() {
        return bufferStart + buffer.position();
    }

    /** Bytes that are left. */
    long remaining() {
        return end - position();
    }

    int readByte() throws IOException {
        require(1);
        if (!buffer.hasRemaining()) {
            refill();
        }
        return buffer.get() & 0xff;
    }

    /** {@code length} bytes, little endian. */
    ByteBuffer read(long length) throws IOException {
        require(length);
        byte[] bytes = new byte[Math.toIntExact(length)];
        for (int done = 0; done < bytes.length; ) {
            if (!buffer.hasRemaining()) {
                refill();
            }
            int part = Math.min(buffer.remaining(), bytes.length - done);
            buffer.get(bytes, done, part);
            done += part;
        }
        return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }

    /** A text of so many bytes, which must be UTF-8. */
    String readText(long length) throws IOException {
        long at = position();
        try {
            return StandardCharsets.UTF_8.newDecoder().decode(read(length)).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException("byte " + at + ": expected a text in UTF-8, got other bytes", e);
        }
    }

    /** ASCII up to a line end, without it. */
    String readLine(int longest) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int b = readByte(); b != '\n'; b = readByte()) {
            if (line.length() == longest || b < ' ' || b > '~') {
                throw new IllegalArgumentException("byte " + (position() - 1) + ": expected a name of at most "
                        + longest + " printable characters, got more or others");
            }
            line.append((char) b);
        }
        return line.toString();
    }

    /** Passes over bytes without reading them. */
    void skip(long length) {
        require(length);
        bufferStart = position() + length;
        buffer.limit(0);
    }

    private void require(long length) {
        if (length < 0 || length > remaining()) {
            throw new IllegalArgumentException("byte " + position() + ": expected " + Long.toUnsignedString(length)
                    + " more bytes, got " + remaining() + "; the file ends early");
        }
    }

    private void refill() throws IOException {
        long from = position();
        buffer.clear().limit((int) Math.min(buffer.capacity(), end - from));
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, from + buffer.position()) < 0) {
                throw new IOException("the file became shorter while it was read");
            }
        }
        bufferStart = from;
        buffer.flip();
    }
}
