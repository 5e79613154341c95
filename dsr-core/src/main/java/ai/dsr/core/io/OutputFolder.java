// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Folders that results go to. */
public final class OutputFolder {
    private OutputFolder() {}

    /**
     * Creates a folder if need be, before any work is done for it.
     *
     * @throws IllegalArgumentException if it cannot be created or written to
     */
    public static void create(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.delete(Files.createTempFile(folder, ".write", ".test"));
        } catch (IOException e) {
            throw new IllegalArgumentException(
                    folder + ": expected a folder that can be written to, got "
                            + e.getClass().getSimpleName(),
                    e);
        }
    }
}
