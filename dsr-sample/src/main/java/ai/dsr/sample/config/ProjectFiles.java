// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Files that come with the project, such as {@code models/dinov2-small}: as seen from the working folder, else from the
 * folder that the system property {@value #HOME} names, which the launcher sets.
 */
public final class ProjectFiles {
    /** System property of the project's root. */
    public static final String HOME = "dsr.home";

    private ProjectFiles() {}

    /** Where a relative path leads: to something that exists if there is such a thing, else into the working folder. */
    public static Path find(String path) {
        Path here = Path.of(path);
        String home = System.getProperty(HOME);
        if (Files.exists(here) || home == null) {
            return here;
        }
        Path shipped = Path.of(home).resolve(path);
        return Files.exists(shipped) ? shipped : here;
    }
}
