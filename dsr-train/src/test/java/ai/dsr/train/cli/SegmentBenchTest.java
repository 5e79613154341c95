// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code bench --segments}. */
class SegmentBenchTest {
    @TempDir
    private static Path root;

    private static Path classes;
    private static Path text;

    private String printed;

    @BeforeAll
    static void writeAProject() {
        TinyFiles.write(root);
        classes = root.resolve("dit.yaml");
        text = TinyFiles.writeText(root, "t2i");
    }

    private int dsr(Object... args) {
        StringWriter output = new StringWriter();
        PrintWriter writer = new PrintWriter(output, true);
        int code = Dsr.execute(
                writer, writer, Stream.of(args).map(Object::toString).toArray(String[]::new));
        printed = output.toString();
        return code;
    }

    private static void requireFigures(JsonNode cost, int segments) {
        assertEquals(segments, cost.get("segments").asInt());
        double fastest = cost.get("fastest").asDouble();
        double median = cost.get("median").asDouble();
        assertTrue(
                fastest > 0
                        && fastest <= median
                        && median <= cost.get("slowest").asDouble(),
                cost.toString());
        assertTrue(
                cost.get("peakMegabytes").asLong() >= cost.get("stateMegabytes").asLong(), cost.toString());
    }

    @Test
    void aProcessMeasuresTheModelOfAConfiguration() {
        for (Path config : List.of(classes, text)) {
            Path json = root.resolve("alone.json");
            Object[] args = {"bench", "--alone", 2, "--steps", 2, "--config", config, "--json", json, "--threads", 1};
            assertEquals(0, dsr(args), () -> printed);
            requireFigures(Json.read(json), 2);
        }
    }

    @Test
    @Tag("slow") // starts two processes
    void eachNumberIsMeasuredInAProcessOfItsOwn() {
        Path json = root.resolve("all.json");
        Object[] args = {"bench", "--segments", "0,2", "--steps", 1, "--config", classes, "--json", json};
        assertEquals(0, dsr(args), () -> printed);
        JsonNode costs = Json.read(json).get("segments");
        requireFigures(costs.get(0), 0);
        requireFigures(costs.get(1), 2);
        assertTrue(printed.lines().anyMatch(line -> line.matches("0 .* s +1\\.00 .*")), printed);
        assertTrue(printed.lines().anyMatch(line -> line.startsWith("2 ")), printed);
    }

    @Test
    void wrongUsageIsOneLine() {
        assertEquals(2, dsr("bench", "--segments", "0,-1"));
        assertEquals("error: --segments: expected numbers of 0 or more, got -1", printed.strip());
        assertEquals(2, dsr("bench", "--config", classes));
        assertEquals("error: --config: expected --segments with it, got none", printed.strip());
        assertEquals(2, dsr("bench", "--segments", "0", "--config", root.resolve("decoder.yaml")));
        assertTrue(printed.startsWith("error: ") && printed.contains("stage_2"), printed);
    }
}
