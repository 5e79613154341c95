// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.Json;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.LongPredicate;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Runs of six steps, from the second of which on an adversary answers with two updates each. */
@ExtendWith(LeakCheck.class)
class AdversaryTest {
    private static final int[] BATCH = {3, 1, 4, 5};
    private static final String REST =
            ", log_interval: 2, checkpoint_steps: 3, keep_checkpoints: 0, ema_decay: 0.9, optimizer: {lr: 1e-2},"
                    + " scheduler: {warmup_steps: 2, decay_end_steps: 9, final_lr: 1e-3}}";

    @TempDir
    private Path folder;

    private static TrainingConfig config(String more) {
        return TinyRun.training("{steps: 6, global_batch_size: 4" + more + REST);
    }

    private static boolean never(long step) {
        return false;
    }

    private TrainTask task(NDManager manager, TrainingConfig config, LongPredicate breaks) {
        return TinyAdversary.task(manager, folder.resolve("cache"), config, 2, breaks);
    }

    private TrainLoop loop(NDManager manager, String run, TrainingConfig config, int replicas, LongPredicate breaks)
            throws IOException {
        List<TrainTask> tasks = new ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            tasks.add(task(manager, config, breaks));
        }
        return new TrainLoop(manager, tasks, config, Files.createDirectories(folder.resolve(run)));
    }

    private static String manifest(Path checkpoint) throws IOException {
        return Files.readString(checkpoint.resolve("manifest.json"));
    }

    @Test
    void replicasGiveTheBitsOfMicroBatches(NDManager manager) throws IOException {
        Path one = loop(manager, "one", config(", grad_accum_steps: 4"), 1, AdversaryTest::never)
                .run(manager)
                .checkpoint();
        Path two = loop(manager, "two", config(", grad_accum_steps: 2"), 2, AdversaryTest::never)
                .run(manager)
                .checkpoint();
        assertEquals(manifest(one), manifest(two));
    }

    @Test
    void buffersMoveOnceAnUpdateHoweverABatchIsSplit(NDManager manager) {
        for (int parts : new int[] {1, 4}) {
            TrainingConfig config = config(", grad_accum_steps: " + parts);
            TrainTask task = task(manager, config, AdversaryTest::never);
            TrainState state = TrainState.of(manager, task, config);
            TrainStep step = new TrainStep(task, state, config, LrSchedule.of(config, 2));
            assertEquals(0, step.run(manager, BATCH).adversary().size());
            TrainStep.Result result = step.run(manager, BATCH);
            assertEquals(2, result.adversary().size());
            assertEquals(1, result.step());
            assertEquals(0, result.adversary().get(0).step());
            assertTrue(result.adversary().get(0).terms().containsKey("disc_accuracy"));
            assertEquals(3, state.adversary().weightsByName().get("seen").toFloatArray()[0], "0, 1, 3: once an update");
            assertEquals(2, state.adversary().step());
            assertFalse(state.adversary().momentsByName().containsKey("exp_avg/seen"), "buffers do not train");
        }
    }

    @Test
    void aResumedRunEqualsAnUninterruptedOneBitForBit(NDManager manager) throws IOException {
        Path straight = loop(manager, "straight", config(""), 1, AdversaryTest::never)
                .run(manager)
                .checkpoint();
        loop(manager, "broken", config(""), 1, AdversaryTest::never).run(manager, StopRequest.after(3));
        TrainLoop second = loop(manager, "broken", config(""), 1, AdversaryTest::never);
        assertEquals(3, second.resume());
        assertEquals(4, second.state().adversary().updates());
        Path resumed = second.run(manager).checkpoint();
        assertEquals(manifest(straight), manifest(resumed));
        for (String file : new String[] {"discriminator.safetensors", "discriminator-optimizer.safetensors"}) {
            assertTrue(Files.exists(resumed.resolve(file)), file);
        }
        assertEquals(
                10,
                Json.read(resumed.resolve("state.json"))
                        .at("/discriminator/updates")
                        .asInt());
        JsonNode line = new MetricsLog(folder.resolve("broken")).read().get(1);
        assertTrue(line.has("disc_loss") && line.has("disc_lr") && line.has("disc_accuracy"), line.toString());
        assertTrue(line.has("memory_discriminator_mb"), line.toString());
        assertEquals(lines("straight"), lines("broken"));
    }

    private List<String> lines(String run) {
        return new MetricsLog(folder.resolve(run))
                .read().stream()
                        .map(line -> line.get("loss") + " " + line.get("disc_loss") + " " + line.get("disc_grad_norm"))
                        .toList();
    }

    @Test
    void aBrokenUpdateIsExplainedAndLeftOut(NDManager manager) throws IOException {
        TrainLoop loop = loop(manager, "run", config(", non_finite: skip"), 1, step -> step == 3);
        loop.run(manager);
        assertEquals(6, loop.state().step());
        assertEquals(6, loop.state().updates(), "the model's own update stands");
        assertEquals(8, loop.state().adversary().updates());
        // 2^8 - 1 after eight moves: those of the broken update, and of the look at it, are undone.
        assertEquals(255, loop.state().adversary().weightsByName().get("seen").toFloatArray()[0]);
        JsonNode report = Json.read(folder.resolve("run/non-finite/step-3.json"));
        assertEquals(
                "discriminator loss at step 3: expected a finite number, got NaN",
                report.get("cause").asText());
        assertEquals("loss", report.get("first").asText());
    }

    @Test
    void aBrokenUpdateStopsOrGoesBackWhereThePolicySaysSo(NDManager manager) throws IOException {
        TrainLoop stops = loop(manager, "stops", config(""), 1, step -> step == 3);
        String message =
                assertThrows(NonFiniteException.class, () -> stops.run(manager)).getMessage();
        assertTrue(message.startsWith("discriminator loss at step 3: expected a finite number, got NaN"), message);
        TrainLoop back = loop(manager, "back", config(", non_finite: rollback"), 1, step -> step == 3);
        back.run(manager);
        assertEquals(List.of(3L), List.copyOf(back.state().badSteps()));
        assertEquals(5, back.state().updates(), "the whole step is left out the second time");
    }

    @Test
    void aCheckpointWithoutAnAdversaryIsNotContinuedWithOneNorTheOtherWayRound(NDManager manager) throws IOException {
        Path with = loop(manager, "with", config(""), 1, AdversaryTest::never)
                .run(manager)
                .checkpoint();
        TrainTask plain = TinyRun.task(manager, folder.resolve("cache"));
        Path without = new TrainLoop(manager, plain, config(""), Files.createDirectories(folder.resolve("without")))
                .run(manager)
                .checkpoint();
        TrainState alone = TrainState.of(manager, plain, config(""));
        TrainState both = TrainState.of(manager, task(manager, config(""), AdversaryTest::never), config(""));
        Map<Path, TrainState> wrong = Map.of(with, alone, without, both);
        wrong.forEach((checkpoint, state) -> {
            String message = assertThrows(
                            IllegalArgumentException.class, () -> CheckpointStore.restore(checkpoint, state))
                    .getMessage();
            String expected = state == alone ? "a section gan, since the run has a discriminator" : "a discriminator";
            assertEquals(
                    checkpoint + ": expected " + expected
                            + ", got none; a run goes on as it began: set run.dir to a new folder",
                    message);
        });
    }

    @Test
    void aModelTrainsAloneWhereItsStateHasNoAdversary(NDManager manager) {
        TrainingConfig config = config("");
        TrainTask task = task(manager, config, AdversaryTest::never);
        TrainState state = new TrainState(manager, task.model(), config);
        TrainStep step = new TrainStep(task, state, config, LrSchedule.of(config, 2));
        float[] before = task.adversary().model().arrays().get("seen").toFloatArray();
        step.run(manager, BATCH);
        assertEquals(0, step.run(manager, BATCH).adversary().size());
        assertArrayEquals(before, task.adversary().model().arrays().get("seen").toFloatArray());
    }
}
