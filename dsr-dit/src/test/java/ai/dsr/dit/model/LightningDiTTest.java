// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.TestArrays;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Laws of the single-width model: start, registers, memory, files. */
@ExtendWith(LeakCheck.class)
class LightningDiTTest {
    private static final DiTConfig PLAIN = DiTConfig.of(4, 5, 6, 16, 3, 2);
    private static final DiTConfig REGISTERS = PLAIN.withRegisters(9, 1);
    private static final int BATCH = 3;

    private static NDArray latents(NDManager manager) {
        float[] values = SeedTree.of(7).child("x").stream().normals(BATCH * 5 * 16);
        return manager.create(values, new Shape(BATCH, 5, 4, 4));
    }

    private static NDArray predict(DiffusionTransformer model, NDManager manager) {
        NDArray t = manager.create(new float[] {0.1f, 0.5f, 0.9f});
        return model.forward(latents(manager), t, manager.create(new long[] {
            0, 5, ClassLabels.of(model).nullClass()
        }));
    }

    @Test
    void aNewModelPredictsExactlyZero(NDManager manager) {
        LightningDiT model = new LightningDiT(REGISTERS);
        model.initialize(manager, SeedTree.of(1));
        assertEquals(0, predict(model, manager).abs().max().getFloat());
    }

    @Test
    void registersLeavePatchOrderUnchanged(NDManager manager) {
        LightningDiT plain = new LightningDiT(PLAIN);
        LightningDiT model = new LightningDiT(REGISTERS);
        // New blocks are the identity, so what the final layer reads are the patches as they went in.
        for (LightningDiT either : new LightningDiT[] {plain, model}) {
            either.initialize(manager, SeedTree.of(1));
            Map<String, TensorData> values = new LinkedHashMap<>();
            either.arrays().forEach((name, array) -> values.put(name, TensorData.of(array)));
            float[] draws = SeedTree.of(2).stream().normals(5 * 16);
            values.put("final_layer.linear.weight", TensorData.of(draws, 5, 16));
            either.load(manager, StateDict.of("memory", values));
        }
        NDArray want = predict(plain, manager);
        assertTrue(want.abs().max().getFloat() > 0.1f);
        TensorAssert.assertClose(want, predict(model, manager), 1e-6, 1e-5);
    }

    @Test
    void registersChangeWhatTheBlocksAfterThemSee(NDManager manager) {
        LightningDiT model = new LightningDiT(REGISTERS);
        TestArrays.randomize(model, manager, 3);
        Map<String, Shape> seen = new LinkedHashMap<>();
        NDArray labels = manager.create(new long[] {0, 1, 2});
        model.forward(
                latents(manager), manager.ones(new Shape(BATCH)), labels, (name, v) -> seen.put(name, v.getShape()));
        assertEquals(
                Map.of(
                        "cond", new Shape(BATCH, 16),
                        "block_input.0", new Shape(BATCH, 16, 16),
                        "block.0", new Shape(BATCH, 16, 16),
                        "block.1", new Shape(BATCH, 25, 16),
                        "block.2", new Shape(BATCH, 25, 16)),
                seen);
    }

    @Test
    void weightsThatAreSavedAndLoadedPredictTheSameToTheBit(NDManager manager, @TempDir Path folder) {
        LightningDiT model = new LightningDiT(REGISTERS);
        TestArrays.randomize(model, manager, 4);
        Path file = folder.resolve("model.safetensors");
        SafeTensors.writeArrays(file, model.arrays(), Map.of());
        LightningDiT copy = new LightningDiT(REGISTERS);
        copy.load(manager, SafeTensors.read(file));
        TensorAssert.assertSame(predict(model, manager), predict(copy, manager));
    }

    @Test
    void aStepLeavesNothingInTheManagerOfTheWeights(NDManager manager) {
        NDManager weights = manager.newSubManager();
        LightningDiT model = new LightningDiT(REGISTERS);
        model.initialize(weights, SeedTree.of(5));
        NDList trained = model.requireGradients(weight -> true);
        int before = weights.getManagedArrays().size();
        weights.cap();
        for (int step = 0; step < 2; step++) {
            try (TensorScope scope = TensorScope.under(manager);
                    Autograd tape = Autograd.record()) {
                NDArray loss = predict(model, scope.manager()).sub(1).square().mean();
                NDList gradients = tape.gradients(loss, trained);
                assertEquals(trained.size(), gradients.size());
                assertTrue(gradients.stream().anyMatch(g -> g.abs().max().getFloat() > 0));
            }
        }
        assertTrue(weights.getManagedArrays().size() <= before + 2, "only the two rotary tables are new");
    }

    @Test
    void theRotaryTablesOfCheckpointsAreSkippedAndOtherNamesRefused(NDManager manager) {
        LightningDiT model = new LightningDiT(PLAIN);
        TestArrays.randomize(model, manager, 6);
        Map<String, TensorData> values = new LinkedHashMap<>();
        model.arrays().forEach((name, array) -> values.put(name, TensorData.of(array)));
        values.put("feat_rope.freqs_cos", TensorData.of(new float[16 * 8], 16, 8));
        StateDict published = StateDict.of("model.pt", values);
        model.load(manager, published, DiffusionTransformer::isDerived);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> model.load(manager, published))
                .getMessage()
                .contains("feat_rope.freqs_cos"));
    }

    @Test
    void wrongShapesAreNamed(NDManager manager) {
        LightningDiT model = new LightningDiT(PLAIN);
        model.initialize(manager, SeedTree.of(1));
        NDArray labels = manager.zeros(new Shape(2), DataType.INT64);
        NDArray latents = manager.zeros(new Shape(2, 5, 4, 3));
        IllegalArgumentException refused = assertThrows(
                IllegalArgumentException.class, () -> model.forward(latents, manager.zeros(new Shape(2)), labels));
        assertEquals("x: expected (*, 5, 4, 4), got (2, 5, 4, 3)", refused.getMessage());
    }

    @Test
    void aModelWithoutLabelDropoutHasNoNullClass() {
        LabelEmbedder labels = new LabelEmbedder(6, 16, 0);
        assertEquals(new Shape(6, 16), labels.shapes().get("embedding_table.weight"));
        assertTrue(assertThrows(IllegalStateException.class, labels.labels()::nullClass)
                .getMessage()
                .startsWith("class_dropout_prob: expected"));
    }

    @Test
    void theWideHeadStartsAtZeroAndTakesItsOwnConditionRows(NDManager manager) {
        DiTDHConfig cfg = new DiTDHConfig(
                4,
                1,
                5,
                List.of(16, 24),
                List.of(2, 1),
                List.of(2),
                4,
                0.1,
                6,
                false,
                true,
                true,
                true,
                false,
                true,
                true,
                4,
                1);
        DiTDH model = new DiTDH(cfg);
        model.initialize(manager, SeedTree.of(1));
        assertEquals(0, predict(model, manager).abs().max().getFloat());
        TestArrays.randomize(model, manager, 8);
        NDArray x = latents(manager);
        NDArray t = manager.create(new float[] {0.1f, 0.5f, 0.9f});
        NDArray s = model.encode(x, t, manager.create(new long[] {0, 5, 6}), ActivationTap.NONE);
        TensorAssert.assertSame(predict(model, manager), model.decode(x, s, ActivationTap.NONE));
        NDArray withoutRegisters = s.get(":, 4:");
        assertEquals(
                "s: expected (3, 20, 16), got (3, 16, 16)",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> model.decode(x, withoutRegisters, ActivationTap.NONE))
                        .getMessage());
    }
}
