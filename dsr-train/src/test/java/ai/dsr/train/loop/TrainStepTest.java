// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class TrainStepTest {
    private static final int[] BATCH = {3, 1, 4, 5};

    @TempDir
    private Path folder;

    private TrainStep step(TrainTask task, TrainState state, TrainingConfig config) {
        return new TrainStep(task, state, config, LrSchedule.of(config, 2));
    }

    @Test
    void accumulationEqualsOneBatch(NDManager manager) {
        TrainTask task = TinyRun.task(manager, folder);
        TrainingConfig whole = TinyRun.training("{steps: 1, global_batch_size: 4}");
        TrainingConfig parts = TinyRun.training("{steps: 1, global_batch_size: 4, grad_accum_steps: 4}");
        TrainState state = new TrainState(manager, task.model(), whole);
        try (GradientSum one = step(task, state, whole).begin(manager);
                GradientSum four = step(task, state, parts).begin(manager)) {
            double loss = one.add(new Batch(0, 0, BATCH));
            double sum = 0;
            for (int i = 0; i < 4; i++) {
                sum += four.add(new Batch(0, i, new int[] {BATCH[i]}));
            }
            assertEquals(loss, sum / 4, 1e-6);
            for (int i = 0; i < one.gradients().size(); i++) {
                assertClose(
                        one.gradients().get(i).toFloatArray(),
                        four.gradients().get(i).toFloatArray());
            }
            assertThrows(IllegalStateException.class, () -> four.add(new Batch(0, 4, new int[1])));
        }
    }

    private static void assertClose(float[] expected, float[] got) {
        for (int i = 0; i < expected.length; i++) {
            assertEquals(expected[i], got[i], 1e-6 * (1 + Math.abs(expected[i])));
        }
    }

    @Test
    void aLossThatIsNotFiniteStopsBeforeTheWeightsChange(NDManager manager) {
        TrainTask task = TinyRun.from(2, TinyRun.task(manager, folder), loss -> loss.mul(Float.NaN));
        TrainingConfig config = TinyRun.training("{steps: 5, global_batch_size: 4}");
        TrainState state = new TrainState(manager, task.model(), config);
        TrainStep step = step(task, state, config);
        step.run(manager, BATCH);
        step.run(manager, BATCH);
        Map<String, float[]> before = values(state);
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> step.run(manager, BATCH));
        assertEquals(
                "loss at step 2: expected a finite number, got NaN; lower the learning rate or resume from the last"
                        + " checkpoint",
                error.getMessage());
        assertEquals(2, state.step());
        values(state).forEach((name, value) -> assertArrayEquals(before.get(name), value, name));
    }

    @Test
    void aFrozenTableKeepsItsValuesAndOthersMove(NDManager manager) {
        TrainTask task = TinyRun.task(manager, folder);
        TrainingConfig config = TinyRun.training(
                "{steps: 5, global_batch_size: 4, train_fixed_tables: false, optimizer: {wd: 0.5, lr: 0.1}}");
        TrainState state = new TrainState(manager, task.model(), config);
        Map<String, float[]> before = values(state);
        step(task, state, config).run(manager, BATCH);
        Map<String, float[]> after = values(state);
        for (String name : new String[] {"pos_embed", "register_pos_embed", "t_embedder.W"}) {
            assertArrayEquals(before.get(name), after.get(name), name);
            assertArrayEquals(before.get("ema/" + name), after.get("ema/" + name), name);
            assertTrue(!state.momentsByName().containsKey("exp_avg/" + name), name);
        }
        assertTrue(before.get("register_tokens")[0] != after.get("register_tokens")[0]);
    }

    @Test
    void previewsSeeTheAverageAndTheWeightsComeBack(NDManager manager) {
        TrainTask task = TinyRun.task(manager, folder);
        TrainingConfig config = TinyRun.training("{steps: 5, global_batch_size: 4, optimizer: {lr: 0.1}}");
        TrainState state = new TrainState(manager, task.model(), config);
        step(task, state, config).run(manager, BATCH);
        Map<String, float[]> before = values(state);
        state.withAverage(() -> assertArrayEquals(
                before.get("ema/register_tokens"), values(state).get("register_tokens")));
        values(state).forEach((name, value) -> assertArrayEquals(before.get(name), value, name));
    }

    @Test
    void threeHundredStepsLeaveNoArraysBehind(NDManager manager) {
        TrainTask task = TinyRun.task(manager, folder);
        TrainingConfig config = TinyRun.training("{steps: 300, global_batch_size: 1}");
        TrainState state = new TrainState(manager, task.model(), config);
        TrainStep step = step(task, state, config);
        step.run(manager, new int[] {0});
        int before = manager.getManagedArrays().size();
        for (int i = 1; i < 300; i++) {
            step.run(manager, new int[] {i % TinyRun.SAMPLES});
        }
        assertEquals(before, manager.getManagedArrays().size());
    }

    private static Map<String, float[]> values(TrainState state) {
        Map<String, float[]> values = new LinkedHashMap<>();
        state.weightsByName().forEach((name, array) -> values.put(name, array.toFloatArray()));
        state.averageByName().forEach((name, array) -> values.put("ema/" + name, array.toFloatArray()));
        return values;
    }
}
