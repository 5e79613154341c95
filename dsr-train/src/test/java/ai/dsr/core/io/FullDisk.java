// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.MappedByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.ReadableByteChannel;
import java.nio.channels.WritableByteChannel;

/** A disk with room for so many more bytes: what is written through {@link AtomicFiles} beyond them fails. */
public final class FullDisk implements AutoCloseable {
    private long room;

    private FullDisk(long bytes) {
        room = bytes;
    }

    /** Until the result is closed, only {@code bytes} more can be written. */
    public static FullDisk after(long bytes) {
        FullDisk disk = new FullDisk(bytes);
        AtomicFiles.opener = (file, options) -> disk.new Limited(FileChannel.open(file, options));
        return disk;
    }

    /** Bytes that can still be written. */
    public long room() {
        return room;
    }

    @Override
    public void close() {
        AtomicFiles.opener = FileChannel::open;
    }

    /** Writes what there is room for, as a disk does, and fails with the first byte beyond. */
    private final class Limited extends FileChannel {
        private final FileChannel inner;

        Limited(FileChannel inner) {
            this.inner = inner;
        }

        @Override
        public int write(ByteBuffer source) throws IOException {
            if (room == 0 && source.hasRemaining()) {
                throw new IOException("No space left on device");
            }
            ByteBuffer fits = source.slice();
            fits.limit((int) Math.min(fits.limit(), room));
            int written = inner.write(fits);
            source.position(source.position() + written);
            room -= written;
            return written;
        }

        @Override
        public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
            long written = 0;
            for (int i = offset; i < offset + length; i++) {
                written += write(sources[i]);
            }
            return written;
        }

        @Override
        public int write(ByteBuffer source, long position) throws IOException {
            inner.position(position);
            return write(source);
        }

        @Override
        public long transferFrom(ReadableByteChannel source, long position, long count) {
            throw new UnsupportedOperationException("not used");
        }

        @Override
        public int read(ByteBuffer target) throws IOException {
            return inner.read(target);
        }

        @Override
        public long read(ByteBuffer[] targets, int offset, int length) throws IOException {
            return inner.read(targets, offset, length);
        }

        @Override
        public int read(ByteBuffer target, long position) throws IOException {
            return inner.read(target, position);
        }

        @Override
        public long position() throws IOException {
            return inner.position();
        }

        @Override
        public FileChannel position(long position) throws IOException {
            inner.position(position);
            return this;
        }

        @Override
        public long size() throws IOException {
            return inner.size();
        }

        @Override
        public FileChannel truncate(long size) throws IOException {
            inner.truncate(size);
            return this;
        }

        @Override
        public void force(boolean metaData) throws IOException {
            inner.force(metaData);
        }

        @Override
        public long transferTo(long position, long count, WritableByteChannel target) throws IOException {
            return inner.transferTo(position, count, target);
        }

        @Override
        public MappedByteBuffer map(MapMode mode, long position, long size) throws IOException {
            return inner.map(mode, position, size);
        }

        @Override
        public FileLock lock(long position, long size, boolean shared) throws IOException {
            return inner.lock(position, size, shared);
        }

        @Override
        public FileLock tryLock(long position, long size, boolean shared) throws IOException {
            return inner.tryLock(position, size, shared);
        }

        @Override
        protected void implCloseChannel() throws IOException {
            inner.close();
        }
    }
}
