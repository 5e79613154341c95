// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.zip.CRC32;

/**
 * Features on disk, by the content of the image: what was computed once is never computed again, whatever set the image
 * turns up in, and a job that was killed goes on where it stopped.
 *
 * <p>A folder is named by the {@link FeatureSpec}. Each process appends to a segment of its own and reads all of them, so
 * that several may work at once. A record is the image's hash, its features in float32 and a checksum; one that a kill
 * cut short is passed over. Not safe for use by several threads.
 */
public final class FeatureCache implements AutoCloseable {
    private static final String ENDING = ".features";
    private static final int SYNC_EVERY = 256; // records that a power failure may cost
    private static final int SCAN_BYTES = 1 << 22;

    private final Path folder;
    private final FeatureSpec spec;
    private final int recordBytes;
    private final List<FileChannel> segments = new ArrayList<>();
    private final Map<ContentHash, Place> places = new HashMap<>();
    private FileChannel own;
    private int unsynced;

    /** Where the features of an image are: number of the segment and offset in it. */
    private record Place(int segment, long offset) {}

    private FeatureCache(Path folder, FeatureSpec spec) {
        this.folder = folder;
        this.spec = spec;
        recordBytes = ContentHash.BYTES + Float.BYTES * spec.totalWidth() + Integer.BYTES;
    }

    /**
     * Opens the features of a spec below {@code root} and indexes what is there.
     *
     * @throws UncheckedIOException naming the folder if it cannot be read
     */
    public static FeatureCache open(Path root, FeatureSpec spec) {
        Path folder = root.resolve("features").resolve(spec.hash().substring(0, 16));
        FeatureCache cache = new FeatureCache(folder, spec);
        try {
            if (Files.isDirectory(folder)) {
                try (Stream<Path> files = Files.list(folder)) {
                    for (Path file : files.filter(f -> f.toString().endsWith(ENDING))
                            .sorted()
                            .toList()) {
                        cache.index(FileChannel.open(file, StandardOpenOption.READ));
                    }
                }
            }
            return cache;
        } catch (IOException e) {
            cache.close();
            throw new UncheckedIOException(folder + ": cannot read the features: " + e.getMessage(), e);
        }
    }

    private void index(FileChannel channel) throws IOException {
        segments.add(channel);
        int perScan = Math.max(1, SCAN_BYTES / recordBytes);
        ByteBuffer buffer = ByteBuffer.allocate(perScan * recordBytes).order(ByteOrder.LITTLE_ENDIAN);
        long whole = channel.size() / recordBytes * recordBytes;
        for (long start = 0; start < whole; start += buffer.limit()) {
            buffer.clear().limit((int) Math.min(buffer.capacity(), whole - start));
            readFully(channel, buffer, start);
            for (int at = 0; at < buffer.limit(); at += recordBytes) {
                int crc = buffer.getInt(at + recordBytes - Integer.BYTES);
                if (crc == checksum(buffer, at)) {
                    ContentHash hash = ContentHash.read(
                            buffer.duplicate().order(ByteOrder.BIG_ENDIAN).position(at));
                    places.putIfAbsent(hash, new Place(segments.size() - 1, start + at));
                }
            }
        }
    }

    private int checksum(ByteBuffer buffer, int at) {
        CRC32 crc = new CRC32();
        crc.update(buffer.slice(at, recordBytes - Integer.BYTES));
        return (int) crc.getValue();
    }

    /** What the features are of. */
    public FeatureSpec spec() {
        return spec;
    }

    /** Number of images whose features are here. */
    public int size() {
        return places.size();
    }

    boolean has(ContentHash hash) {
        return places.containsKey(hash);
    }

    /** Adds the features of an image. */
    void put(ContentHash hash, float[] features) {
        if (features.length != spec.totalWidth()) {
            throw new IllegalArgumentException(
                    "features: expected " + spec.totalWidth() + " numbers, got " + features.length);
        }
        ByteBuffer record = ByteBuffer.allocate(recordBytes);
        hash.write(record);
        record.order(ByteOrder.LITTLE_ENDIAN).asFloatBuffer().put(features);
        record.putInt(recordBytes - Integer.BYTES, checksum(record, 0)).clear();
        try {
            if (own == null) {
                Files.createDirectories(folder);
                own = FileChannel.open(
                        folder.resolve(UUID.randomUUID() + ENDING),
                        StandardOpenOption.CREATE_NEW,
                        StandardOpenOption.READ,
                        StandardOpenOption.WRITE);
                segments.add(own);
            }
            long offset = own.position();
            AtomicFiles.writeFully(own, record);
            places.put(hash, new Place(segments.indexOf(own), offset));
            if (++unsynced == SYNC_EVERY) {
                own.force(false);
                unsynced = 0;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot write features: " + e.getMessage(), e);
        }
    }

    /** Copies numbers {@code from .. from + width - 1} of an image's features into {@code target} at {@code at}. */
    void read(ContentHash hash, int from, int width, double[] target, int at) {
        Place place = places.get(hash);
        ByteBuffer bytes = ByteBuffer.allocate(Float.BYTES * width).order(ByteOrder.LITTLE_ENDIAN);
        try {
            long offset = place.offset + ContentHash.BYTES + (long) Float.BYTES * from;
            readFully(segments.get(place.segment), bytes, offset);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot read the features: " + e.getMessage(), e);
        }
        for (int i = 0; i < width; i++) {
            target[at + i] = bytes.getFloat(Float.BYTES * i);
        }
    }

    private static void readFully(FileChannel channel, ByteBuffer buffer, long position) throws IOException {
        for (long at = position; buffer.hasRemaining(); ) {
            int got = channel.read(buffer, at);
            if (got < 0) {
                throw new IOException("expected more bytes at " + at);
            }
            at += got;
        }
        buffer.rewind();
    }

    @Override
    public void close() {
        for (FileChannel segment : segments) {
            try {
                if (segment == own) {
                    segment.force(false);
                }
                segment.close();
            } catch (IOException e) {
                throw new UncheckedIOException(folder + ": cannot be closed: " + e.getMessage(), e);
            }
        }
    }
}
