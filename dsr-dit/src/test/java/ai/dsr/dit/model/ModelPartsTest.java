// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.TestArrays;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.Seeded;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Laws of the parts: rotation, condition rows, dropout, patches. */
@ExtendWith(LeakCheck.class)
class ModelPartsTest {
    private static NDArray normal(NDManager manager, long seed, long... shape) {
        Shape whole = new Shape(shape);
        return manager.create(SeedTree.of(seed).stream().normals((int) whole.size()), whole);
    }

    @Seeded(3)
    void rotationKeepsNormsAndLeavesRegistersAlone(long seed, NDManager manager) {
        NDArray q = normal(manager, seed, 2, 4 + 9, 3, 8);
        NDArray y = Kernels.rotatePairs(q, RotaryTable.of(8, 3, 4).on(manager));
        TensorAssert.assertClose(Kernels.norm(q, 3), Kernels.norm(y, 3), 1e-6, 1e-6);
        TensorAssert.assertSame(q.get(":, :4"), y.get(":, :4"));
        assertTrue(y.sub(q).abs().max().getFloat() > 0.1f);
    }

    @Test
    void rotatedProductsDependOnDistanceOnly(NDManager manager) {
        NDArray same = normal(manager, 1, 1, 1, 1, 8).repeat(1, 16);
        NDArray y =
                Kernels.rotatePairs(same, RotaryTable.of(8, 4, 0).on(manager)).reshape(16, 8);
        NDArray products = y.matMul(y.transpose());
        // one row down and one column right, from two different tokens
        assertEquals(products.getFloat(0, 5), products.getFloat(5, 10), 1e-5);
        assertEquals(products.getFloat(1, 2), products.getFloat(9, 10), 1e-5);
    }

    @Test
    void aRotaryTableIsMadeOnceForEachOwner(NDManager manager) {
        RotaryTable table = RotaryTable.of(8, 2, 0);
        NDArray first = table.on(manager);
        assertSame(first, table.on(manager));
        assertFalse(first == table.on(manager.newSubManager()));
    }

    @Test
    void onlyRotaryTablesAreDerivedNames() {
        assertTrue(DiffusionTransformer.isDerived("feat_rope.freqs_cos"));
        assertTrue(DiffusionTransformer.isDerived("feat_rope_incontext.freqs_sin"));
        assertTrue(DiffusionTransformer.isDerived("enc_feat_rope.freqs_cos"));
        assertTrue(DiffusionTransformer.isDerived("dec_feat_rope_incontext.freqs_sin"));
        assertFalse(DiffusionTransformer.isDerived("pos_embed"));
        assertFalse(DiffusionTransformer.isDerived("blocks.0.feat_rope.weight"));
    }

    @Test
    void conditionRowsServeNeighbouringTokens(NDManager manager) {
        NDArray rows = manager.create(new float[] {1, 2}, new Shape(1, 2, 1));
        assertArrayEquals(new float[] {1, 1, 1, 2, 2, 2}, AdaLN.expand(rows, 6).toFloatArray());
        assertSame(rows, AdaLN.expand(rows, 2));
        assertEquals(
                "condition: expected a number of rows that divides 5 tokens, got 2",
                assertThrows(IllegalArgumentException.class, () -> AdaLN.expand(rows, 5))
                        .getMessage());
    }

    /** The linear layer sees each row once; what it gives is shared out afterwards. */
    @Test
    void tokensInFrontShareARowOfTheirOwn(NDManager manager) {
        AdaLN modulation = new AdaLN(3, 2, 4);
        TestArrays.randomize(modulation, manager, 7);
        NDArray front = TestArrays.normal(manager, 1, 2, 1, 3);
        NDArray rows = TestArrays.normal(manager, 2, 2, 2, 3);
        NDArray expanded = front.repeat(1, 5).concat(AdaLN.expand(rows, 6), 1); // (2, 5 + 6, 3)
        NDList perToken = modulation.split(expanded, 11, 0);
        NDList perRow = modulation.split(front.concat(rows, 1), 11, 5);
        for (int part = 0; part < 4; part++) {
            assertEquals(new Shape(2, 11, 2), perRow.get(part).getShape());
            TensorAssert.assertClose(perToken.get(part), perRow.get(part), 1e-6, 1e-6);
        }
    }

    @Test
    void labelsAreDroppedStrictlyBelowTheProbability(NDManager manager) {
        ClassLabels conditioning = ClassLabels.of(9, 0.25);
        NDArray labels = manager.create(new long[] {1, 2, 3});
        float[] uniform = {0.24f, 0.25f, 0.9f};
        assertArrayEquals(
                new long[] {9, 2, 3}, conditioning.drop(labels, uniform).toLongArray());
        boolean[] second = {false, true, false};
        assertArrayEquals(
                new long[] {1, 9, 3}, conditioning.dropWhere(labels, second).toLongArray());
        assertArrayEquals(new long[] {1, 2, 3}, labels.toLongArray());
        assertSame(labels, ClassLabels.of(9, 0).drop(labels, new float[3]));
        assertEquals(
                "uniform: expected 3 draws, got 1",
                assertThrows(IllegalArgumentException.class, () -> conditioning.drop(labels, new float[1]))
                        .getMessage());
    }

    @Test
    void registersJoinInFrontAndLeaveNoTrace(NDManager manager) {
        LightningDiT model = new LightningDiT(DiTConfig.of(4, 5, 6, 16, 1, 2).withRegisters(4, 0));
        model.initialize(manager, SeedTree.of(1));
        DiffusionRegisters registers = new DiffusionRegisters(
                model.weights().get("register_tokens"), model.weights().get("register_pos_embed"));
        NDArray h = normal(manager, 2, 2, 16, 16);
        NDArray joined = registers.join(h);
        assertEquals(new Shape(2, 20, 16), joined.getShape());
        NDArray rows = model.arrays().get("register_tokens").add(model.arrays().get("register_pos_embed"));
        TensorAssert.assertSame(rows, joined.get("1:, :4"));
        TensorAssert.assertSame(h, registers.drop(joined));
    }

    @Test
    void unpatchifyPutsTheChannelFastest(NDManager manager) {
        NDArray tokens = manager.arange(8f).reshape(1, 1, 8); // one token of 2 x 2 pixels and 2 channels
        assertArrayEquals(
                new float[] {0, 2, 4, 6, 1, 3, 5, 7},
                Unpatchify.toLatent(tokens, 2).toFloatArray());
        NDArray three = manager.zeros(new Shape(1, 3, 8));
        assertEquals(
                "tokens: expected a square number of patches of 2 x 2 pixels, got (1, 3, 8)",
                assertThrows(IllegalArgumentException.class, () -> Unpatchify.toLatent(three, 2))
                        .getMessage());
    }

    @Test
    void guidanceNeedsARowForNoText(NDManager manager) {
        NDArray y = normal(manager, 1, 2, 3, 4);
        ConditionEmbedder without = new ConditionEmbedder(4, 0);
        assertSame(y, without.drop(y, new float[2]));
        assertThrows(IllegalStateException.class, () -> without.none(manager, y.getShape()));
        ConditionEmbedder with = new ConditionEmbedder(4, 0.1);
        with.initialize(manager, SeedTree.of(1));
        TensorAssert.assertSame(y.zerosLike(), with.none(manager, y.getShape()));
    }

    @Test
    void anOddTimeEmbeddingEndsWithAZero(NDManager manager) {
        TimestepEmbedder embedder = new TimestepEmbedder(8, 5, TimestepEmbedder.MAX_PERIOD);
        NDArray waves = embedder.waves(manager.create(new float[] {0f}));
        assertArrayEquals(new float[] {1, 1, 0, 0, 0}, waves.toFloatArray());
    }
}
