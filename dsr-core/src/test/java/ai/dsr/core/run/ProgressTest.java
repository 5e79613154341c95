// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class ProgressTest {
    private static final long SECOND = 1_000_000_000L;

    private final AtomicLong clock = new AtomicLong(77);
    private final List<String> lines = new ArrayList<>();

    @Test
    void linesComeEveryTenSecondsWithRateAndTimeLeft() {
        try (Progress progress = new ProgressLines("Encoding", 400, 0, clock::get, lines::add)) {
            stepAfterSeconds(progress, 9, 90);
            assertTrue(lines.isEmpty());
            stepAfterSeconds(progress, 1, 10);
            stepAfterSeconds(progress, 9, 90);
            assertEquals(List.of("Encoding: 100/400 (25%), 10/s, 00:00:30 left"), lines);
            progress.message("loss 0.5");
            stepAfterSeconds(progress, 1, 10);
        }
        assertEquals("Encoding: 200/400 (50%), 10/s, 00:00:20 left, loss 0.5", lines.get(1));
        assertEquals("Encoding: 200/400 (50%) in 00:00:20, 10/s, loss 0.5", lines.get(2));
    }

    @Test
    void workOfAnEarlierRunCountsForTheShareButNotForTheRate() {
        try (Progress progress = new ProgressLines("Training", 400, 200, clock::get, lines::add)) {
            stepAfterSeconds(progress, 10, 100);
        }
        assertEquals("Training: 300/400 (75%), 10/s, 00:00:10 left", lines.get(0));
    }

    @Test
    void anUnknownTotalShowsOnlyTheCount() {
        try (Progress progress = new ProgressLines("Reading", -1, 0, clock::get, lines::add)) {
            stepAfterSeconds(progress, 20, 5);
        }
        assertEquals(List.of("Reading: 5, 0.25/s", "Reading: 5 in 00:00:20, 0.25/s"), lines);
    }

    @Test
    void closingTwiceReportsOnce() {
        Progress progress = new ProgressLines("Nothing", 0, 0, clock::get, lines::add);
        progress.close();
        progress.close();
        assertEquals(List.of("Nothing: 0 in 00:00:00, 0.00/s"), lines);
    }

    @Test
    void silentProgressAcceptsEverything() {
        Progress progress = Progress.silent();
        progress.step(3);
        progress.message("text");
        progress.close();
        assertSame(progress, Progress.silent());
    }

    @Test
    void negativeTotalsAreRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> Progress.start("x", -2))
                .getMessage();
        assertEquals("total: expected 0 or more, or -1 for unknown, got -2", message);
    }

    private void stepAfterSeconds(Progress progress, int seconds, int units) {
        clock.addAndGet(seconds * SECOND);
        progress.step(units);
    }
}
