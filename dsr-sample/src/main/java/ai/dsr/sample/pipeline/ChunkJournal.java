// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.AtomicFiles;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.zip.CRC32;

/**
 * The chunks of a long sampling run that are done: a folder with the plan and a file for each chunk, which appears whole
 * or not at all. So there is no gap and no duplicate, wherever a run was killed.
 *
 * <p>A chunk file is the pixels of its images, the number of evaluations and a checksum. Chunks may be written by
 * several threads.
 */
final class ChunkJournal {
    private static final String PLAN = "plan.json";
    private static final int TAIL = 2 * Integer.BYTES;

    private final Path folder;
    private final BulkPlan plan;
    private final int imageBytes;

    private ChunkJournal(Path folder, BulkPlan plan, int imageBytes) {
        this.folder = folder;
        this.plan = plan;
        this.imageBytes = imageBytes;
    }

    /**
     * Opens or begins a journal.
     *
     * @param imageBytes bytes of an image
     * @throws IllegalArgumentException if there is one of another plan
     */
    static ChunkJournal open(Path folder, BulkPlan plan, int imageBytes) {
        Path file = folder.resolve(PLAN);
        if (!Files.exists(file)) {
            AtomicFiles.writeString(file, plan.text());
        }
        String before;
        try {
            before = Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
        if (!before.equals(plan.text())) {
            throw new IllegalArgumentException(folder + ": expected the journal of this plan " + plan.text()
                    + ", got one of " + before + "; delete the folder or choose another file");
        }
        return new ChunkJournal(folder, plan, imageBytes);
    }

    /** Number of all chunks. */
    int chunks() {
        return (plan.count() + ClassToImage.CHUNK - 1) / ClassToImage.CHUNK;
    }

    private int images(int chunk) {
        return Math.min(ClassToImage.CHUNK, plan.count() - chunk * ClassToImage.CHUNK);
    }

    /** Whether a chunk is done; a damaged file counts as not done. */
    boolean has(int chunk) {
        return Files.exists(file(chunk)) && read(chunk) != null;
    }

    /** Adds a chunk. */
    void write(int chunk, List<RgbImage> images, int evaluations) {
        ByteBuffer bytes = ByteBuffer.allocate(images(chunk) * imageBytes + TAIL);
        images.forEach(image -> bytes.put(image.toBytes()));
        bytes.putInt(evaluations);
        bytes.putInt(checksum(bytes.array()));
        AtomicFiles.writeBytes(file(chunk), bytes.array());
    }

    /** The pixels of a chunk's images, without the tail. */
    byte[] pixels(int chunk) {
        return Arrays.copyOf(require(chunk), images(chunk) * imageBytes);
    }

    /** How often the denoiser was evaluated for each image of a chunk. */
    int evaluations(int chunk) {
        return ByteBuffer.wrap(require(chunk)).getInt(images(chunk) * imageBytes);
    }

    private byte[] require(int chunk) {
        byte[] bytes = read(chunk);
        if (bytes == null) {
            throw new IllegalStateException(
                    file(chunk) + ": expected a whole chunk, got none or a damaged one; run the command again");
        }
        return bytes;
    }

    private byte[] read(int chunk) {
        try {
            byte[] bytes = Files.readAllBytes(file(chunk));
            boolean isWhole = bytes.length == images(chunk) * imageBytes + TAIL
                    && ByteBuffer.wrap(bytes).getInt(bytes.length - Integer.BYTES) == checksum(bytes);
            return isWhole ? bytes : null;
        } catch (IOException e) {
            throw new UncheckedIOException(file(chunk) + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static int checksum(byte[] bytes) {
        CRC32 crc = new CRC32();
        crc.update(bytes, 0, bytes.length - Integer.BYTES);
        return (int) crc.getValue();
    }

    private Path file(int chunk) {
        return folder.resolve(String.format(Locale.ROOT, "chunk-%06d", chunk));
    }

    /** Removes the journal; its images are elsewhere now. */
    void delete() {
        AtomicFiles.deleteFolder(folder);
    }
}
