// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * The file of a module's results: one JSON object a line, one line a case.
 *
 * <p>Keys: {@code kind}, {@code case}, {@code status} ({@code passed}, {@code failed}, {@code unsupported}),
 * {@code worst} (largest error as a fraction of its tolerance), {@code output} (where it occurred) and, unless passed,
 * {@code message}. Each line is on disk before its test ends, so failing tests cannot cut the file short.
 */
final class ParityReport {
    /** Stands for infinite errors (NaN, wrong shape), which JSON has no number for. */
    private static final double LARGEST = 1e300;

    private static final ObjectMapper JSON = new ObjectMapper();

    private final Path file;
    private final Map<CaseResult.Status, Integer> counts = new EnumMap<>(CaseResult.Status.class);

    /** Starts the file anew, together with its folder. */
    ParityReport(Path file) {
        this.file = file;
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, "");
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written", e);
        }
    }

    /** Appends one line. */
    synchronized void add(CaseResult result) {
        counts.merge(result.status(), 1, Integer::sum);
        ObjectNode line = JSON.createObjectNode()
                .put("kind", result.file().kind())
                .put("case", result.file().name())
                .put("status", result.status().name().toLowerCase(Locale.ROOT))
                .put("worst", Math.min(result.worst(), LARGEST))
                .put("output", result.output());
        if (!result.message().isEmpty()) {
            line.put("message", result.message());
        }
        try {
            Files.writeString(file, JSON.writeValueAsString(line) + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written", e);
        }
    }

    /** How many cases have ended with {@code status}. */
    synchronized int count(CaseResult.Status status) {
        return counts.getOrDefault(status, 0);
    }
}
