// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.HashMap;
import java.util.Map;

/**
 * A file of any size as mapped memory, which costs none until it is touched.
 *
 * <p>Windows are 1 GiB long and start every 512 MiB, so what is at most 512 MiB long lies in one of them; a longer piece
 * gets a mapping of its own. So there are few mappings however many tensors there are.
 */
final class MappedFile {
    private static final long STEP = 1L << 29;

    private final FileChannel channel;
    private final long size;
    private final Map<Long, ByteBuffer> windows = new HashMap<>();

    MappedFile(FileChannel channel) throws IOException {
        this.channel = channel;
        size = channel.size();
    }

    /** The bytes from {@code begin}; they stay readable when the channel is closed. */
    ByteBuffer slice(long begin, int length) throws IOException {
        if (begin < 0 || begin > size - length) {
            throw new IllegalArgumentException("expected bytes inside the file of " + size + " bytes, got " + length
                    + " from " + begin + "; the file ends early");
        }
        if (length == 0) {
            return ByteBuffer.allocate(0);
        }
        if (length > STEP) {
            return channel.map(FileChannel.MapMode.READ_ONLY, begin, length);
        }
        long start = begin / STEP * STEP;
        ByteBuffer window = windows.get(start);
        if (window == null) {
            window = channel.map(FileChannel.MapMode.READ_ONLY, start, Math.min(2 * STEP, size - start));
            windows.put(start, window);
        }
        return window.slice((int) (begin - start), length);
    }
}
