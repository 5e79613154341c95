// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class AtomicFilesTest {
    @TempDir
    Path folder;

    private List<String> names() throws IOException {
        try (Stream<Path> paths = Files.list(folder)) {
            return paths.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void filesAreCreatedAndReplaced() throws IOException {
        Path file = folder.resolve("new/a.txt");
        AtomicFiles.writeString(file, "one");
        AtomicFiles.writeString(file, "zwölf");
        assertEquals("zwölf", Files.readString(file));
        assertEquals(List.of("new"), names());
    }

    @Test
    void aFailedWriteChangesNothing() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFiles.writeString(file, "old");
        String message = assertThrows(
                        UncheckedIOException.class,
                        () -> AtomicFiles.writeFile(file, channel -> {
                            channel.write(ByteBuffer.wrap(new byte[3]));
                            throw new IOException("disk full");
                        }))
                .getMessage();
        assertTrue(message.startsWith(file + ": cannot be written (IO: disk full)"), message);
        assertThrows(
                IllegalStateException.class,
                () -> AtomicFiles.writeFile(file, channel -> {
                    throw new IllegalStateException("stopped");
                }));
        assertEquals("old", Files.readString(file));
        assertEquals(List.of("a.txt"), names());
    }

    @Test
    void foldersAreCreatedAndReplacedWhole() throws IOException {
        Path target = folder.resolve("step-1");
        AtomicFiles.writeFolder(target, temporary -> {
            assertFalse(Files.exists(target));
            Files.writeString(temporary.resolve("old.txt"), "1");
            Files.createDirectory(temporary.resolve("sub"));
            Files.writeString(temporary.resolve("sub/x.txt"), "2");
        });
        assertEquals("2", Files.readString(target.resolve("sub/x.txt")));
        AtomicFiles.writeFolder(target, temporary -> Files.writeString(temporary.resolve("new.txt"), "3"));
        assertEquals(List.of("step-1"), names());
        assertFalse(Files.exists(target.resolve("old.txt")));
        assertEquals("3", Files.readString(target.resolve("new.txt")));
    }

    @Test
    void aFailedFolderLeavesTheOldOne() throws IOException {
        Path target = folder.resolve("step-1");
        AtomicFiles.writeFolder(target, temporary -> Files.writeString(temporary.resolve("a"), "1"));
        assertThrows(
                UncheckedIOException.class,
                () -> AtomicFiles.writeFolder(target, temporary -> {
                    Files.writeString(temporary.resolve("a"), "2");
                    throw new IOException("disk full");
                }));
        assertEquals("1", Files.readString(target.resolve("a")));
        assertEquals(List.of("step-1"), names());
    }

    @Test
    void digestsAreThoseOfTheStandard() {
        Path file = folder.resolve("abc");
        AtomicFiles.writeString(file, "abc"); // FIPS 180-2, appendix B.1
        assertEquals("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad", Sha256.ofFile(file));
        AtomicFiles.writeBytes(file, new byte[1 << 17]);
        assertEquals(64, Sha256.ofFile(file).length());
        assertThrows(UncheckedIOException.class, () -> Sha256.ofFile(folder.resolve("absent")));
    }
}
