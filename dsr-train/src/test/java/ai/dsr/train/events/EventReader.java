// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.events;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.zip.CRC32C;
import org.tensorflow.proto.Event;

/** Reads event files by the format's description, checksums included. */
public final class EventReader {
    private EventReader() {}

    /** All records. */
    public static List<Event> read(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Event> events = new ArrayList<>();
        while (bytes.hasRemaining()) {
            byte[] length = new byte[Long.BYTES];
            bytes.get(length);
            check(length, bytes.getInt(), file);
            byte[] message = new byte
                    [(int) ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong()];
            bytes.get(message);
            check(message, bytes.getInt(), file);
            events.add(Event.parseFrom(message));
        }
        return events;
    }

    private static void check(byte[] data, int masked, Path file) {
        CRC32C crc = new CRC32C();
        crc.update(data);
        int shifted = masked - 0xa282ead8;
        if (((shifted >>> 17) | (shifted << 15)) != (int) crc.getValue()) {
            throw new AssertionError(file + ": a checksum is wrong");
        }
    }
}
