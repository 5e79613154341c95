// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real files cut at every byte and with bytes changed: an error that names the file, or a whole checkpoint. */
@Timeout(value = 2, unit = TimeUnit.MINUTES) // a hang is a failure; all of it takes seconds
class TorchFuzzTest {
    private static final int CHANGES = 2_000;

    @TempDir
    Path folder;

    private static byte[] fixture(String name) throws IOException {
        return Files.readAllBytes(Path.of(System.getProperty("dsr.root"), "fixtures", "checkpoint.pt")
                .resolve(name));
    }

    /** Whether the file is read; it must be, or the error must name it. */
    private static boolean isRead(Path file) {
        try {
            TorchCheckpoint checkpoint = TorchCheckpoint.readWithoutChecksums(file);
            for (TensorData tensor : checkpoint.tensors().toMap().values()) {
                tensor.toFloats(); // every byte can be reached
            }
            return true;
        } catch (IllegalArgumentException e) {
            String message = String.valueOf(e.getMessage());
            assertTrue(message.startsWith(file.toString()) || message.startsWith(file.getFileName() + ": "), message);
            assertTrue(message.contains("expected") && message.contains("got"), message);
            return false;
        }
    }

    @Test
    void aDamagedPickleIsRefusedWithoutItsChecksumToo() throws IOException {
        assertFalse(isRead(Files.write(folder.resolve("a.pt"), fixture("corrupt_pickle/checkpoint.pt"))));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "decoder_state_dict/model.pt",
                "views/checkpoint.pt",
                "legacy/checkpoint.pt",
                "legacy_views_dtypes/checkpoint.pt"
            })
    void everyPrefixIsRefused(String name) throws IOException {
        byte[] content = fixture(name);
        Path file = Files.write(folder.resolve("cut.pt"), content);
        assertTrue(isRead(file));
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int length = content.length - 1; length >= 0; length--) {
                channel.truncate(length);
                assertFalse(isRead(file), "the first " + length + " bytes of " + name);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "views/checkpoint.pt",
                "dtypes/checkpoint.pt",
                "legacy/checkpoint.pt",
                "legacy_views_dtypes/checkpoint.pt"
            })
    void changedBytesEndInAnErrorOrAWholeCheckpoint(String name) throws IOException {
        byte[] content = fixture(name);
        Random random = new Random(3);
        Path file = Files.write(folder.resolve("changed.pt"), content);
        int read = 0;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            for (int i = 0; i < CHANGES; i++) {
                int at = random.nextInt(content.length);
                int more = random.nextInt(3); // one byte, or a run of up to three
                byte[] bytes = new byte[Math.min(more + 1, content.length - at)];
                random.nextBytes(bytes);
                channel.write(ByteBuffer.wrap(bytes), at);
                read += isRead(file) ? 1 : 0;
                channel.write(ByteBuffer.wrap(content, at, bytes.length), at);
            }
        }
        assertTrue(isRead(file)); // the changes have been undone
        assertTrue(read > 0 && read < CHANGES, read + " of " + CHANGES + " changed files were read");
    }
}
