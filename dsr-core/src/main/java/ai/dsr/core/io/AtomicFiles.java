// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Comparator;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Files and folders that appear whole or not at all: written to a temporary sibling, synced to the disk, renamed.
 *
 * <p>A sibling is named {@code .NAME.UUID.tmp}; one that remains was left by a killed process and may be deleted.
 */
public final class AtomicFiles {
    private static final Pattern SIBLING =
            Pattern.compile("\\.(.+)\\.[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\\.tmp");

    /** Opens the channels that files are written through; tests put a full disk here. */
    static volatile ChannelOpener opener = FileChannel::open;

    private AtomicFiles() {}

    /** {@link FileChannel#open(Path, java.nio.file.OpenOption...)}. */
    @FunctionalInterface
    interface ChannelOpener {
        /** Opens a channel. */
        FileChannel open(Path file, OpenOption... options) throws IOException;
    }

    /** Writes the content of one file. */
    @FunctionalInterface
    public interface FileWriter {
        /** Writes to a channel of a new, empty file. */
        void writeTo(FileChannel channel) throws IOException;
    }

    /** Writes the content of one folder. */
    @FunctionalInterface
    public interface FolderWriter {
        /** Creates files in a new, empty folder. */
        void writeTo(Path folder) throws IOException;
    }

    /**
     * Creates or replaces a file. Its folder is created if need be. When the writer fails nothing changes.
     *
     * @throws UncheckedIOException naming {@code target} if the disk fails
     */
    public static void writeFile(Path target, FileWriter writer) {
        Path temporary = sibling(target);
        try {
            Files.createDirectories(temporary.getParent());
            try (FileChannel channel = opener.open(
                    temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE)) {
                writer.writeTo(channel);
                channel.force(true);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            syncFolder(temporary.getParent());
        } catch (IOException e) {
            throw failure(target, "cannot be written", e);
        } finally {
            deleteFolder(temporary);
        }
    }

    /** Creates or replaces a file with these bytes. */
    public static void writeBytes(Path target, byte[] bytes) {
        writeFile(target, channel -> writeFully(channel, ByteBuffer.wrap(bytes)));
    }

    /**
     * Appends to a file, which is created if need be. When the disk fails the file has its old length.
     *
     * @throws UncheckedIOException naming the file if the disk fails
     */
    public static void append(Path file, byte[] bytes) {
        try (FileChannel channel = opener.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            long before = channel.size();
            channel.position(before);
            try {
                writeFully(channel, ByteBuffer.wrap(bytes));
            } catch (IOException e) {
                channel.truncate(before);
                throw e;
            }
        } catch (IOException e) {
            throw failure(file, "cannot be appended to", e);
        }
    }

    /** Creates or replaces a file with the content of another. */
    public static void copy(Path source, Path target) {
        writeFile(target, channel -> {
            try (FileChannel from = FileChannel.open(source, StandardOpenOption.READ)) {
                for (long done = 0; done < from.size(); ) {
                    done += from.transferTo(done, from.size() - done, channel);
                }
            }
        });
    }

    /** Creates or replaces a file with this text in UTF-8. */
    public static void writeString(Path target, String text) {
        writeBytes(target, text.getBytes(StandardCharsets.UTF_8));
    }

    /**
     * Creates or replaces a folder. A present folder steps aside under a temporary name until the new one has its
     * place; killed between these two renames, the old content is still there as {@code .NAME.UUID.tmp}.
     *
     * @throws UncheckedIOException naming {@code target} if the disk fails
     */
    public static void writeFolder(Path target, FolderWriter writer) {
        Path temporary = sibling(target);
        Path aside = sibling(target);
        try {
            Files.createDirectories(temporary);
            writer.writeTo(temporary);
            syncTree(temporary);
            if (Files.exists(target)) {
                Files.move(target, aside, StandardCopyOption.ATOMIC_MOVE);
            }
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(temporary.getParent());
            deleteFolder(aside);
        } catch (IOException e) {
            throw failure(target, "cannot be written", e);
        } finally {
            deleteFolder(temporary);
        }
    }

    /**
     * What killed processes left in a folder: temporary siblings, each with the path that it would have had. Only for
     * folders that no other process writes to.
     */
    public static Map<Path, Path> leftovers(Path folder) {
        Map<Path, Path> found = new TreeMap<>();
        if (!Files.isDirectory(folder)) {
            return found;
        }
        try (Stream<Path> entries = Files.list(folder)) {
            entries.forEach(entry -> {
                Matcher matcher = SIBLING.matcher(entry.getFileName().toString());
                if (matcher.matches()) {
                    found.put(entry, entry.resolveSibling(matcher.group(1)));
                }
            });
        } catch (IOException e) {
            throw failure(folder, "cannot be listed", e);
        }
        return found;
    }

    /** Renames a file or folder within its folder, and makes that durable. */
    public static void rename(Path from, Path to) {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
            syncFolder(to.toAbsolutePath().getParent());
        } catch (IOException e) {
            throw failure(from, "cannot be renamed to " + to.getFileName(), e);
        }
    }

    /** Deletes a folder in such a way that, killed meanwhile, no part of it remains under its name. */
    public static void discardFolder(Path folder) {
        if (Files.exists(folder)) {
            Path aside = sibling(folder);
            rename(folder, aside);
            deleteFolder(aside);
        }
    }

    /** Writes everything between position and limit. */
    public static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** An I/O failure with the file and the cause in its message. */
    public static UncheckedIOException failure(Path file, String what, IOException cause) {
        String reason = cause.getClass().getSimpleName().replace("Exception", "");
        return new UncheckedIOException(file + ": " + what + " (" + reason + ": " + cause.getMessage() + ")", cause);
    }

    private static Path sibling(Path target) {
        Path absolute = target.toAbsolutePath();
        return absolute.resolveSibling("." + absolute.getFileName() + "." + UUID.randomUUID() + ".tmp");
    }

    private static void syncTree(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            for (Path path : (Iterable<Path>) paths::iterator) {
                if (Files.isDirectory(path)) {
                    syncFolder(path);
                } else {
                    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.WRITE)) {
                        channel.force(true);
                    }
                }
            }
        }
    }

    /** Makes new names in a folder durable; Windows cannot open folders and keeps them in its journal. */
    private static void syncFolder(Path folder) throws IOException {
        if (!System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("windows")) {
            try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
                channel.force(true);
            }
        }
    }

    /** Deletes a folder with all it holds; nothing if there is none. */
    public static void deleteFolder(Path root) {
        if (!Files.exists(root)) {
            return;
        }
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw failure(root, "cannot be deleted", e);
        }
    }
}
