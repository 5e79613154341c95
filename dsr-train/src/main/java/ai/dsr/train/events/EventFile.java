// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.events;

import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.OutputFolder;
import com.google.protobuf.ByteString;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Map;
import java.util.zip.CRC32C;
import org.tensorflow.proto.Event;
import org.tensorflow.proto.SessionLog;
import org.tensorflow.proto.Summary;

/**
 * An event file that TensorBoard reads: numbers and pictures over steps.
 *
 * <p>A record is the length of an {@code Event} message (8 bytes, little endian), its masked CRC-32C, the message, and the
 * message's masked CRC-32C. Each process writes a file of its own, which a kill can only shorten.
 */
public final class EventFile {
    private static final String VERSION = "brain.Event:2";
    private static final int HEADER = Long.BYTES + Integer.BYTES;
    private static final int MASK_DELTA = 0xa282ead8;
    private static final int MASK_ROTATION = 15;
    private static final double MILLIS = 1e3;
    private static final int RGB = 3;

    private final Path file;
    private boolean begun;

    /** A file in {@code folder} that begins with the first record. */
    public EventFile(Path folder) {
        long now = System.currentTimeMillis();
        file = folder.resolve(
                "events.out.tfevents." + now + "." + ProcessHandle.current().pid());
    }

    /** Where it is written. */
    public Path path() {
        return file;
    }

    /** Adds numbers by name. */
    public void scalars(long step, Map<String, ? extends Number> values) {
        Summary.Builder summary = Summary.newBuilder();
        values.forEach((tag, value) ->
                summary.addValue(Summary.Value.newBuilder().setTag(tag).setSimpleValue(value.floatValue())));
        append(event(step).setSummary(summary));
    }

    /** Adds a picture. */
    public void image(long step, String tag, byte[] png, int width, int height) {
        Summary.Image image = Summary.Image.newBuilder()
                .setWidth(width)
                .setHeight(height)
                .setColorspace(RGB)
                .setEncodedImageString(ByteString.copyFrom(png))
                .build();
        append(event(step)
                .setSummary(Summary.newBuilder()
                        .addValue(Summary.Value.newBuilder().setTag(tag).setImage(image))));
    }

    /** Tells readers to forget what earlier records of the run say about {@code step} and later. */
    public void restartAt(long step) {
        append(event(step).setSessionLog(SessionLog.newBuilder().setStatus(SessionLog.SessionStatus.START)));
    }

    private static Event.Builder event(long step) {
        return Event.newBuilder()
                .setWallTime(System.currentTimeMillis() / MILLIS)
                .setStep(step);
    }

    private void append(Event.Builder event) {
        if (!begun) {
            begun = true;
            OutputFolder.create(file.getParent());
            append(event(0).setFileVersion(VERSION));
        }
        AtomicFiles.append(file, record(event.build().toByteArray()));
    }

    /** The bytes of one record. */
    static byte[] record(byte[] message) {
        ByteBuffer record =
                ByteBuffer.allocate(HEADER + message.length + Integer.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        record.putLong(message.length);
        record.putInt(maskedCrc(record.array(), 0, Long.BYTES));
        record.put(message);
        record.putInt(maskedCrc(message, 0, message.length));
        return record.array();
    }

    /** Rotated and shifted, so that the checksum of data that holds checksums is no trivial one. */
    static int maskedCrc(byte[] bytes, int offset, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, offset, length);
        return Integer.rotateRight((int) crc.getValue(), MASK_ROTATION) + MASK_DELTA;
    }
}
