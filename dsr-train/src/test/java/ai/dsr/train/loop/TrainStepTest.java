// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Weight;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.ParameterGroup;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
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
            double loss = one.add(new Batch(0, 0, BATCH))[0];
            double sum = 0;
            for (int i = 0; i < 4; i++) {
                sum += four.add(new Batch(0, i, new int[] {BATCH[i]}))[0];
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
        TrainTask task = TinyRun.from(2, TinyRun.task(manager, folder), loss -> Kernels.scale(loss, Double.NaN));
        TrainingConfig config = TinyRun.training("{steps: 5, global_batch_size: 4}");
        TrainState state = new TrainState(manager, task.model(), config);
        TrainStep step = step(task, state, config);
        step.run(manager, BATCH);
        step.run(manager, BATCH);
        Map<String, float[]> before = values(state);
        IllegalStateException error = assertThrows(IllegalStateException.class, () -> step.run(manager, BATCH));
        assertEquals("loss at step 2: expected a finite number, got NaN", error.getMessage());
        assertEquals(2, state.step());
        values(state).forEach((name, value) -> assertArrayEquals(before.get(name), value, name));
    }

    @Test
    void aStepWhoseGradientsOverflowIsDoneAgainWithASmallerScale(NDManager manager) {
        // On the way back 65536 times this leaves float32, 32768 times this does not.
        double huge = 1e34;
        TrainTask task = TinyRun.from(
                1, TinyRun.task(manager, folder), loss -> Kernels.scale(Kernels.scale(loss, 1 / huge), huge));
        TrainingConfig config = TinyRun.training("{steps: 5, global_batch_size: 4, precision: fp16}");
        TrainState state = new TrainState(manager, task.model(), config);
        TrainStep step = step(task, state, config);
        step.run(manager, BATCH);
        assertEquals(65536, state.lossScale().factor());
        assertEquals(1, state.lossScale().goodSteps());
        TrainStep.Result result = step.run(manager, BATCH);
        assertEquals(32768, state.lossScale().factor());
        assertTrue(Double.isFinite(result.gradientNorm()));
        assertEquals(2, state.step());
        assertEquals(2, state.updates());
    }

    @Test
    void theScaleOfTheLossChangesNoGradient(NDManager manager) {
        TrainTask task = TinyRun.task(manager, folder);
        TrainingConfig plain = TinyRun.training("{steps: 5, global_batch_size: 4}");
        TrainingConfig scaled = TinyRun.training("{steps: 5, global_batch_size: 4, precision: fp16}");
        TrainState state = new TrainState(manager, task.model(), plain);
        TrainState scaledState = new TrainState(manager, task.model(), scaled);
        // The task computes in float32 in both: only the factor differs.
        try (GradientSum one = step(task, state, plain).begin(manager);
                GradientSum other = step(task, scaledState, scaled).begin(manager)) {
            one.add(new Batch(0, 0, BATCH));
            other.add(new Batch(0, 0, BATCH));
            for (int i = 0; i < one.gradients().size(); i++) {
                assertArrayEquals(
                        one.gradients().get(i).toFloatArray(),
                        other.gradients().get(i).toFloatArray());
            }
        }
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
    void severalAveragesAreEachTheirOwn(NDManager manager) {
        TrainTask task = TinyRun.task(manager, folder);
        TrainingConfig config =
                TinyRun.training("{steps: 5, global_batch_size: 4, ema_decay: [0.5, 0], optimizer: {lr: 0.1},"
                        + " power_ema: {lengths: 0.1, snapshot_steps: 1}}");
        TrainState state = new TrainState(manager, task.model(), config);
        float start = values(state).get("register_tokens")[0];
        step(task, state, config).run(manager, BATCH);
        float now = values(state).get("register_tokens")[0];
        assertEquals(
                List.of("ema", "ema-0.0", "ema-power-0.1"),
                List.copyOf(state.averagesByName().keySet()));
        assertEquals((start + now) / 2, average(state, "ema"), 1e-7);
        assertEquals(now, average(state, "ema-0.0"));
        assertEquals(now, average(state, "ema-power-0.1")); // the first update forgets the initial weights
    }

    private static float average(TrainState state, String label) {
        return state.averagesByName().get(label).get("register_tokens").toFloatArray()[0];
    }

    @Test
    void groupsHaveRatesAndDecaysOfTheirOwn(NDManager manager) {
        TrainTask task = TinyRun.task(manager, folder);
        TrainingConfig config = TinyRun.training(
                "{steps: 5, global_batch_size: 4, optimizer: {lr: 0.1, wd: 0.5, no_decay_vectors: true, groups: ["
                        + "{match: [register_tokens], lr: 0}, {match: '*.mlp.*', lr_scale: 0.5, weight_decay: 0.25}]},"
                        + " scheduler: {base_lr: 0.2, decay_end_steps: 2, final_lr: 0}}");
        TrainState state = new TrainState(manager, task.model(), config);
        Map<String, float[]> before = values(state);
        TrainStep step = step(task, state, config);
        step.run(manager, BATCH);
        TrainStep.Result second = step.run(manager, BATCH);
        assertEquals(0.1, second.learningRate());
        assertArrayEquals(before.get("register_tokens"), values(state).get("register_tokens"));
        List<ParameterGroup> groups = ParameterGroup.of(task.model().weights(), config);
        Map<String, Weight> weights = task.model().weights();
        List<String> names = List.copyOf(weights.keySet());
        int members = 0;
        for (ParameterGroup group : groups) {
            for (int member : group.members()) {
                String name = names.get(member);
                Weight weight = weights.get(name);
                boolean decays = weight.shape().dimension() >= 2 && !weight.isTable();
                boolean mlp = name.contains(".mlp.");
                assertEquals(mlp ? 0.5 : name.equals("register_tokens") ? 0 : 1, group.rateScale(), name);
                assertEquals(mlp ? 0.25 : decays ? 0.5 : 0, group.weightDecay(), name);
                members++;
            }
        }
        assertEquals(names.size(), members);
    }

    @Test
    void oneGroupIsWhatTheReferenceHasAndPatternsMustMatch(NDManager manager) {
        TrainTask task = TinyRun.task(manager, folder);
        String head = "{steps: 1, global_batch_size: 4, optimizer: {wd: 0.5";
        List<ParameterGroup> one = ParameterGroup.of(task.model().weights(), TinyRun.training(head + "}}"));
        assertEquals(1, one.size());
        assertEquals(task.model().weights().size(), one.get(0).members().size());
        TrainingConfig wrong = TinyRun.training(head + ", groups: [{match: 'block.*', lr_scale: 2}]}}");
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> ParameterGroup.of(task.model().weights(), wrong))
                .getMessage();
        assertTrue(message.startsWith("optimizer.groups.match: expected a pattern of weights that train"), message);
        assertTrue(message.endsWith("got block.*"), message);
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
