// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.FullDisk;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.optim.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@ExtendWith(LeakCheck.class)
class FullDiskTest {
    private static final TrainingConfig CONFIG = TinyRun.training("{steps: 6, global_batch_size: 4, log_interval: 1,"
            + " checkpoint_steps: 1, keep_checkpoints: 0, optimizer: {lr: 1e-2}}");

    @TempDir
    private Path folder;

    private TrainLoop loop(NDManager manager, Path run) throws IOException {
        Files.createDirectories(run);
        return new TrainLoop(manager, TinyRun.task(manager, folder.resolve("cache")), CONFIG, run);
    }

    private static long size(Path folder) throws IOException {
        try (Stream<Path> paths = Files.walk(folder)) {
            return paths.filter(Files::isRegularFile)
                    .mapToLong(file -> file.toFile().length())
                    .sum();
        }
    }

    @ParameterizedTest
    @ValueSource(doubles = {0.02, 0.31, 0.5, 0.9, 0.9999})
    void theLastGoodCheckpointLoadsAndTheLogIsReadable(double share, NDManager manager) throws IOException {
        Path straight = folder.resolve("straight");
        loop(manager, straight).run(manager);
        long each = size(straight.resolve("checkpoints/step-3"));
        Path run = folder.resolve("run");
        TrainLoop first = loop(manager, run);
        first.run(manager, StopRequest.after(3));
        String message;
        try (FullDisk disk = FullDisk.after((long) (share * each) + 400)) { // 400: the line of the metrics before it
            TrainLoop second = loop(manager, run);
            second.resume();
            message = assertThrows(UncheckedIOException.class, () -> second.run(manager))
                    .getMessage();
            assertEquals(0, disk.room());
        }
        assertTrue(message.contains("No space left on device"), message);
        assertEquals(Map.of(), AtomicFiles.leftovers(run.resolve("checkpoints")));
        assertTrue(new MetricsLog(run).read().size() >= 3);
        TrainLoop third = loop(manager, run);
        assertEquals(3, third.resume());
        third.run(manager);
        String file = "checkpoints/step-6/manifest.json";
        assertEquals(Files.readString(straight.resolve(file)), Files.readString(run.resolve(file)));
        assertEquals(6, new MetricsLog(run).read().size());
    }

    @Test
    void aLineThatDoesNotFitLeavesTheLogAsItWas() {
        MetricsLog log = new MetricsLog(folder);
        log.append(Map.of("step", 1));
        try (FullDisk disk = FullDisk.after(5)) {
            String message = assertThrows(UncheckedIOException.class, () -> log.append(Map.of("step", 2)))
                    .getMessage();
            assertTrue(message.startsWith(folder.resolve("metrics.jsonl") + ": cannot be appended to"), message);
            assertEquals(0, disk.room());
        }
        log.append(Map.of("step", 3));
        assertEquals(2, log.read().size());
        assertEquals(3, log.read().get(1).get("step").asInt());
    }
}
