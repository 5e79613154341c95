// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class MetricsLogTest {
    @TempDir
    private Path folder;

    private MetricsLog log;

    @BeforeEach
    void logThreeLines() {
        log = new MetricsLog(folder);
        for (long step : new long[] {2, 4, 6}) {
            log.append(Map.of("step", step, "loss", 0.1 + step));
        }
    }

    private List<Long> steps() {
        return log.read().stream().map(line -> line.get("step").asLong()).toList();
    }

    @Test
    void linesComeBackInOrderWithAllDigits() {
        assertEquals(List.of(2L, 4L, 6L), steps());
        assertEquals(0.1 + 4, log.read().get(1).get("loss").asDouble());
        assertEquals(List.of(), new MetricsLog(folder.resolve("elsewhere")).read());
    }

    @Test
    void linesOfLaterStepsAreDropped() {
        log.truncate(4);
        assertEquals(List.of(2L, 4L), steps());
        log.truncate(0);
        assertEquals(List.of(), steps());
    }

    @Test
    void aTornLastLineIsDroppedAndTheNextOneStartsAnew() throws IOException {
        Files.writeString(folder.resolve("metrics.jsonl"), "{\"step\": 8, \"lo", StandardOpenOption.APPEND);
        assertEquals(List.of(2L, 4L, 6L), steps());
        log.truncate(6);
        log.append(Map.of("step", 8));
        assertEquals(List.of(2L, 4L, 6L, 8L), steps());
    }
}
