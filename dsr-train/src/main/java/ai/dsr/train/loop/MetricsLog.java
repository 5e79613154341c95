// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The file {@code metrics.jsonl} of a run: one JSON object a line, each with its {@code step}. */
public final class MetricsLog {
    private final Path file;

    /** The log of a run folder. */
    public MetricsLog(Path runFolder) {
        file = runFolder.resolve("metrics.jsonl");
    }

    /** Appends a line. */
    public void append(Map<String, Object> values) {
        AtomicFiles.append(file, (Json.canonical(values) + "\n").getBytes(StandardCharsets.UTF_8));
    }

    /** All complete lines; a last line that a kill cut short is left out. */
    public List<JsonNode> read() {
        List<JsonNode> lines = new ArrayList<>();
        if (!Files.exists(file)) {
            return lines;
        }
        try {
            for (String line : Files.readAllLines(file)) {
                try {
                    lines.add(Json.mapper().readTree(line));
                } catch (JsonProcessingException e) {
                    break; // only the last line can be incomplete: appends are in order
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot read", e);
        }
        return lines;
    }

    /** Drops lines of steps after {@code step}, which a resumed run writes again, and a torn last line. */
    public void truncate(long step) {
        StringBuilder kept = new StringBuilder();
        for (JsonNode line : read()) {
            if (line.path("step").asLong() <= step) {
                kept.append(line).append('\n');
            }
        }
        AtomicFiles.writeString(file, kept.toString());
    }
}
