// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.dsr.core.config.Config;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.sample.bundle.BundleManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The folder of a run: {@code config.yaml} as resolved, {@code manifest.json}, metrics, previews and checkpoints. */
final class RunFolder {
    private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);
    private static final String CONFIG = "config.yaml";
    private static final String LOCK = ".lock";
    private static final int DEPTH = 3; // snapshots and previews lie in folders of their own

    private static final String MANIFEST = "manifest.json";

    private RunFolder() {}

    /**
     * Checks, before any work is done, that a run can be written here or that there is one to continue. Creates nothing:
     * a run that fails early leaves nothing behind.
     *
     * @throws IllegalArgumentException if a new run would mix with an old one, there is nothing to resume, or no folder
     *     can be created here
     */
    static Path check(Path dir, boolean resume) {
        boolean exists = Files.exists(dir.resolve(CONFIG));
        if (resume && !exists) {
            throw new IllegalArgumentException(dir + ": expected a run to resume, got none; leave --resume out");
        }
        if (!resume && hasContent(dir)) {
            throw new IllegalArgumentException(
                    dir + ": expected a new folder, got one with content; add --resume or set run.dir to another");
        }
        Path existing = dir.toAbsolutePath();
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        if (!Files.isDirectory(existing) || !Files.isWritable(existing)) {
            throw new IllegalArgumentException(dir + ": expected a folder that can be written to, but " + existing
                    + (Files.isDirectory(existing) ? " cannot" : " is a file") + "; set run.dir to another");
        }
        return dir;
    }

    /**
     * Takes the folder for this process until the result is closed, and removes files that a killed process left half
     * written.
     *
     * @throws IllegalArgumentException if another process trains here
     */
    static Lock lock(Path dir) {
        Path file = dir.resolve(LOCK);
        try {
            Files.createDirectories(dir);
            FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            if (!isFree(channel)) {
                channel.close();
                throw new IllegalArgumentException(
                        dir + ": expected a folder that no other process trains in; wait or set run.dir to another");
            }
            clean(dir);
            return new Lock(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be locked", e);
        }
    }

    private static boolean isFree(FileChannel channel) throws IOException {
        try {
            return channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            return false; // this very process
        }
    }

    /** Checkpoints are the store's: it may find one to keep among what was left. */
    private static void clean(Path dir) throws IOException {
        List<Path> folders;
        try (Stream<Path> paths = Files.walk(dir, DEPTH)) {
            folders = paths.filter(Files::isDirectory)
                    .filter(folder -> !folder.startsWith(dir.resolve("checkpoints")))
                    .toList();
        }
        folders.forEach(folder -> AtomicFiles.leftovers(folder).keySet().forEach(AtomicFiles::deleteFolder));
    }

    /** A folder taken by this process; the system frees it when the process ends. */
    record Lock(FileChannel channel) {
        /** Frees it. */
        void close() {
            try {
                channel.close();
            } catch (IOException e) {
                throw new UncheckedIOException("run folder: cannot be unlocked", e);
            }
        }
    }

    private static boolean hasContent(Path dir) {
        if (!Files.isDirectory(dir)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(dir)) {
            return entries.anyMatch(entry -> !entry.getFileName().toString().equals(LOCK));
        } catch (IOException e) {
            throw new UncheckedIOException(dir + ": cannot list the run folder", e);
        }
    }

    /**
     * Creates the folder with the configuration and the manifest.
     *
     * @throws IllegalArgumentException if there is a run that was trained on other inputs
     */
    static void describe(Path dir, Config resolved, BundleManifest manifest) {
        Path file = dir.resolve(MANIFEST);
        if (Files.exists(file)) {
            requireSame(file, Json.read(file, BundleManifest.class), manifest);
        }
        AtomicFiles.writeString(dir.resolve(CONFIG), resolved.toYaml());
        Json.write(file, manifest);
    }

    private static void requireSame(Path file, BundleManifest before, BundleManifest now) {
        now.inputs().forEach((name, hash) -> {
            String old = before.inputs().getOrDefault(name, hash);
            if (!old.equals(hash)) {
                throw new IllegalArgumentException(file + ": " + name + ": expected what the run started with (" + old
                        + "), got " + hash + "; set run.dir to a new folder");
            }
        });
        now.environment().forEach((name, value) -> {
            String old = before.environment().getOrDefault(name, value);
            if (!old.equals(value)) {
                LOG.warn("{} was {}, is {}: results may differ from an uninterrupted run", name, old, value);
            }
        });
    }
}
