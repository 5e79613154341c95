// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Torch;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.optim.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class TrainLoopTest {
    /** Epochs of two steps, a line every second step, a checkpoint every third: no two intervals coincide. */
    private static final TrainingConfig CONFIG =
            TinyRun.training("{steps: 8, global_batch_size: 4, grad_accum_steps: 2,"
                    + " log_interval: 2, checkpoint_steps: 3, ema_decay: 0.9, global_seed: 3, optimizer: {lr: 1e-2, wd: 0.1},"
                    + " scheduler: {type: cosine, warmup_steps: 2, decay_end_steps: 8, final_lr: 1e-3}}");

    @TempDir
    private Path folder;

    @Test
    void aResumedRunEqualsAnUninterruptedOneBitForBit() throws IOException {
        Path straight = folder.resolve("straight");
        Path broken = folder.resolve("broken");
        train(straight, CONFIG, UnaryOperator.identity(), false);
        assertThrows(
                IllegalStateException.class,
                () -> train(
                        broken,
                        CONFIG,
                        loss -> {
                            throw new IllegalStateException("killed");
                        },
                        false));
        assertEquals(List.of("step-3"), checkpoints(broken));
        train(broken, CONFIG, UnaryOperator.identity(), true);
        String file = "checkpoints/step-8/manifest.json"; // SHA-256 of weights, averages, moments and counters
        assertEquals(Files.readString(straight.resolve(file)), Files.readString(broken.resolve(file)));
        assertEquals(numbers(straight), numbers(broken));
        assertEquals(4, numbers(straight).size());
    }

    /** Trains with another loss from step 5 on. */
    private void train(Path run, TrainingConfig config, UnaryOperator<ai.djl.ndarray.NDArray> loss, boolean resume)
            throws IOException {
        Files.createDirectories(run);
        try (NDManager manager = Torch.newManager()) {
            TrainTask task = TinyRun.from(5, TinyRun.task(manager, folder.resolve("cache")), loss);
            TrainLoop loop = new TrainLoop(manager, task, config, run);
            if (resume) {
                assertEquals(3, loop.resume());
            }
            loop.run(manager);
        }
    }

    private static List<String> checkpoints(Path run) throws IOException {
        try (var entries = Files.list(run.resolve("checkpoints"))) {
            return entries.map(entry -> entry.getFileName().toString()).sorted().toList();
        }
    }

    private static List<List<String>> numbers(Path run) {
        return new MetricsLog(run)
                .read().stream()
                        .map(line -> List.of(
                                line.get("step").asText(),
                                line.get("images").asText(),
                                line.get("loss").asText(),
                                line.get("grad_norm").asText(),
                                line.get("lr").asText()))
                        .toList();
    }

    @Test
    void aFinishedRunThatIsResumedDoesNothing() throws IOException {
        TrainingConfig config =
                TinyRun.training("{steps: 3, global_batch_size: 4, checkpoint_steps: 3, log_interval: 1}");
        Path run = folder.resolve("run");
        train(run, config, UnaryOperator.identity(), false);
        String before = Files.readString(run.resolve("metrics.jsonl"));
        train(run, config, UnaryOperator.identity(), true);
        assertEquals(List.of("step-3"), checkpoints(run));
        assertEquals(
                before.lines().count(),
                Files.readAllLines(run.resolve("metrics.jsonl")).size());
    }

    @Test
    void aBatchLargerThanTheDataIsRefused(NDManager manager) {
        TrainingConfig config = TinyRun.training("{steps: 1, global_batch_size: 11}");
        TrainTask task = TinyRun.task(manager, folder);
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> new TrainLoop(manager, task, config, folder));
        assertEquals(
                "global_batch_size: expected at most the number of training images (10), got 11", error.getMessage());
    }

    @Test
    void theLastCheckpointIsThatOfTheLastStep(NDManager manager) throws IOException {
        TrainingConfig config = TinyRun.training("{epochs: 1, global_batch_size: 4, checkpoint_interval: 4}");
        TrainLoop loop = new TrainLoop(manager, TinyRun.task(manager, folder.resolve("cache")), config, folder);
        assertEquals(folder.resolve("checkpoints/step-2"), loop.run(manager).checkpoint());
        assertTrue(Files.exists(folder.resolve("metrics.jsonl")));
    }
}
