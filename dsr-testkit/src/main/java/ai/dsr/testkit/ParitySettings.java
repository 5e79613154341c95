// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Where a parity run reads and writes.
 *
 * @param root folder of the cases, {@code <kind>/<case>/case.json}
 * @param report file that gets one line a case
 * @param isStrict whether a kind that is listed nowhere is a failure
 * @param kinds the list of kinds
 */
record ParitySettings(Path root, Path report, boolean isStrict, Kinds kinds) {
    private static final String FIXTURES = "fixtures";

    /** The settings that the system properties ask for; {@link ParityRunner} lists them. */
    static ParitySettings fromProperties() {
        Path module = Path.of(System.getProperty("basedir", System.getProperty("user.dir")));
        return new ParitySettings(
                root(module.toAbsolutePath()),
                module.resolve("target").resolve("parity.jsonl"),
                Boolean.getBoolean("dsr.parity.strict"),
                Kinds.project());
    }

    private static Path root(Path start) {
        String given = System.getProperty("dsr.parity", "");
        return given.isEmpty()
                ? project(start).resolve(FIXTURES)
                : project(start).resolve(given);
    }

    private static Path project(Path start) {
        String given = System.getProperty("dsr.root", "");
        if (!given.isEmpty()) {
            return Path.of(given);
        }
        for (Path folder = start; folder != null; folder = folder.getParent()) {
            if (Files.isDirectory(folder.resolve(FIXTURES))) {
                return folder;
            }
        }
        return start;
    }
}
