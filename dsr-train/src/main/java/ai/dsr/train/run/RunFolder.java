// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.dsr.core.config.Config;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.sample.bundle.BundleManifest;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** The folder of a run: {@code config.yaml} as resolved, {@code manifest.json}, metrics, previews and checkpoints. */
final class RunFolder {
    private static final String CONFIG = "config.yaml";

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

    private static boolean hasContent(Path dir) {
        if (!Files.isDirectory(dir)) {
            return false;
        }
        try (Stream<Path> entries = Files.list(dir)) {
            return entries.findAny().isPresent();
        } catch (IOException e) {
            throw new UncheckedIOException(dir + ": cannot list the run folder", e);
        }
    }

    /** Creates the folder with the configuration and the manifest. */
    static void describe(Path dir, Config resolved, BundleManifest manifest) {
        AtomicFiles.writeString(dir.resolve(CONFIG), resolved.toYaml());
        Json.write(dir.resolve("manifest.json"), manifest);
    }
}
