// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.testkit.LeakCheck;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs of eight steps, one of which has a sample that no model can bear. */
@ExtendWith(LeakCheck.class)
class NonFiniteTest {
    private static final long BAD_STEP = 5;

    @TempDir
    private Path folder;

    /** Multiplies the latents of one sample by infinity at one step, or the loss of all at others. */
    private static TrainTask poisoned(TrainTask task, List<Long> steps, float factor) {
        return new TrainTask() {
            @Override
            public Layer model() {
                return task.model();
            }

            @Override
            public int sampleCount() {
                return task.sampleCount();
            }

            @Override
            public NDArray trace(NDManager manager, Batch batch, BiConsumer<String, NDArray> tap) {
                boolean bad = steps.contains(batch.step());
                return task.trace(manager, batch, (name, value) -> {
                    for (int i = 0; bad && name.equals("input.x1") && i < batch.size(); i++) {
                        if (batch.offset() + i == 1) {
                            value.get(i).muli(factor);
                        }
                    }
                    tap.accept(name, value);
                });
            }

            @Override
            public String sampleName(int sample) {
                return "picture-" + sample;
            }

            @Override
            public void preview(Path file) {
                task.preview(file);
            }
        };
    }

    private TrainLoop loop(NDManager manager, Path run, String policy, List<Long> badSteps, float factor)
            throws IOException {
        Files.createDirectories(run);
        String config = "{steps: 8, global_batch_size: 4, grad_accum_steps: 2, log_interval: 2, checkpoint_steps: 3,"
                + " keep_checkpoints: 0, ema_decay: 0.9, optimizer: {lr: 1e-2}, " + policy + "}";
        TrainTask task = poisoned(TinyRun.task(manager, folder.resolve("cache")), badSteps, factor);
        return new TrainLoop(manager, task, TinyRun.training(config), run);
    }

    @Test
    void theStepStopsAndIsExplained(NDManager manager) throws IOException {
        Path run = folder.resolve("run");
        TrainLoop loop = loop(manager, run, "non_finite: stop", List.of(BAD_STEP), Float.POSITIVE_INFINITY);
        NonFiniteException error = assertThrows(NonFiniteException.class, () -> loop.run(manager));
        String message = error.getMessage();
        assertEquals(BAD_STEP, error.step());
        assertTrue(
                message.startsWith("loss at step 5: expected a finite number, got NaN; it began with input.x1"),
                message);
        assertTrue(message.contains(", samples picture-"), message);
        Path batch = run.resolve("non-finite/step-5.safetensors");
        assertTrue(message.contains("the batch is in " + batch), message);
        assertTrue(message.endsWith("lower the learning rate or set training.non_finite to skip or rollback"), message);
        JsonNode report = Json.read(run.resolve("non-finite/step-5.json"));
        assertEquals(1, report.get("samples").size());
        StateDict saved = SafeTensors.read(batch);
        assertEquals(
                List.of("0/t", "0/x0", "0/x1", "0/y", "2/t", "2/x0", "2/x1", "2/y"),
                List.copyOf(new TreeSet<>(saved.toMap().keySet())));
        assertArrayEquals(new long[] {2, 3, 4, 4}, saved.get("0/x1").shape());
        assertEquals(5, loop.state().step());
    }

    @Test
    void aBlockThatOverflowsIsNamed(NDManager manager) throws IOException {
        Path run = folder.resolve("run");
        TrainLoop loop = loop(manager, run, "non_finite: stop", List.of(BAD_STEP), 1e30f);
        String message =
                assertThrows(NonFiniteException.class, () -> loop.run(manager)).getMessage();
        assertTrue(
                message.matches(
                        "(?s).*; it began with (block\\.\\d+|output|loss|gradient of [\\w.]+), samples picture-\\d+;.*"),
                message);
    }

    @Test
    void aGradientIsNamedWhereTheLossIsFine(NDManager manager) throws IOException {
        TrainTask task = TinyRun.from(2, TinyRun.task(manager, folder.resolve("cache")), loss -> loss.sub(loss)
                .sqrt());
        Path run = Files.createDirectories(folder.resolve("run"));
        TrainLoop loop = new TrainLoop(
                manager, task, TinyRun.training("{steps: 4, global_batch_size: 4, checkpoint_steps: 9}"), run);
        String message =
                assertThrows(NonFiniteException.class, () -> loop.run(manager)).getMessage();
        assertTrue(message.startsWith("gradient norm at step 2: expected a finite number, got NaN"), message);
        assertTrue(message.contains("it began with gradient of final_layer."), message);
    }

    @Test
    void aWeightThatIsBadAlreadyIsNamed(NDManager manager) throws IOException {
        TrainLoop loop = loop(manager, folder.resolve("run"), "non_finite: stop", List.of(), 1);
        NDArray weight = loop.state().weightsByName().get("blocks.1.attn.proj.weight");
        try (NDManager scope = manager.newSubManager()) {
            NDArray nan = scope.full(weight.getShape(), Float.NaN);
            OptimizerKernels.copyInPlace(new NDList(weight), new NDList(nan));
        }
        String message =
                assertThrows(NonFiniteException.class, () -> loop.run(manager)).getMessage();
        assertTrue(message.contains("it began with weight blocks.1.attn.proj.weight"), message);
    }

    @Test
    void skippingAndRollingBackLeaveTheSameStateBehind(NDManager manager) throws IOException {
        List<Long> bad = List.of(BAD_STEP);
        Path skipped = folder.resolve("skipped");
        Path rolledBack = folder.resolve("rolled-back");
        TrainLoop skip = loop(manager, skipped, "non_finite: skip", bad, Float.NaN);
        skip.run(manager);
        assertEquals(8, skip.state().step());
        assertEquals(7, skip.state().updates());
        TrainLoop rollback = loop(manager, rolledBack, "non_finite: rollback", bad, Float.NaN);
        assertEquals(
                rolledBack.resolve("checkpoints/step-8"), rollback.run(manager).checkpoint());
        assertTrue(Files.exists(rolledBack.resolve("checkpoints/step-0"))); // from before the first step
        String file = "checkpoints/step-8/manifest.json";
        assertEquals(Files.readString(skipped.resolve(file)), Files.readString(rolledBack.resolve(file)));
        List<JsonNode> lines = new MetricsLog(skipped).read();
        assertEquals(
                List.of(5L),
                lines.stream()
                        .filter(line -> line.has("non_finite"))
                        .map(line -> line.get("step").asLong())
                        .toList());
    }

    @Test
    void aResumedRunStillLeavesTheBadStepOut(NDManager manager) throws IOException {
        List<Long> bad = List.of(BAD_STEP);
        Path straight = folder.resolve("straight");
        Path broken = folder.resolve("broken");
        loop(manager, straight, "non_finite: rollback", bad, Float.NaN).run(manager);
        TrainLoop first = loop(manager, broken, "non_finite: rollback", bad, Float.NaN);
        assertEquals(7, first.run(manager, StopRequest.after(7)).step());
        TrainLoop second = loop(manager, broken, "non_finite: rollback", List.of(), Float.NaN);
        assertEquals(7, second.resume());
        second.run(manager);
        String file = "checkpoints/step-8/manifest.json";
        assertEquals(Files.readString(straight.resolve(file)), Files.readString(broken.resolve(file)));
    }

    @Test
    void tooManyBadStepsStopTheRun(NDManager manager) throws IOException {
        for (String policy : List.of("skip", "rollback")) {
            TrainLoop loop = loop(
                    manager,
                    folder.resolve(policy),
                    "non_finite: " + policy + ", non_finite_limit: 1",
                    List.of(4L, 6L),
                    Float.NaN);
            String message = assertThrows(NonFiniteException.class, () -> loop.run(manager))
                    .getMessage();
            assertTrue(message.startsWith("loss at step 6: "), message);
            assertTrue(message.endsWith("; training.non_finite_limit (1) is reached"), message);
        }
    }
}
