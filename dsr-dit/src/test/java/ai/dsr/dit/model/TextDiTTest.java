// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Config;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.TestArrays;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Laws of the text-to-image model, over all ways to build it. */
@ExtendWith(LeakCheck.class)
class TextDiTTest {
    private static final String ONE_WIDTH = "arch: DiT, hidden_size: 16, depth: 3, num_heads: 2, ";
    private static final String TWO_WIDTHS = "arch: DDT, hidden_size: [16, 24], depth: [2, 1], num_heads: [2, 3], ";
    private static final String SPLIT = ONE_WIDTH + "use_DDT: true, DDT_encoder_depth: 2, ";
    private static final String REGISTERS = "register_conditioning: true, register_len: 4, register_start: 1, ";
    private static final String PLAIN =
            "use_qknorm: false, use_swiglu: true, use_rope: true, use_rmsnorm: true, wo_shift: false, ";

    private static TextDiTConfig config(String keys) {
        String yaml = "model: {input_size: 4, patch_size: 1, in_channels: 5, mlp_ratio: 4, class_dropout_prob: 0.1, "
                + "z_channels: 12, " + (keys.contains("use_rope") ? "" : PLAIN) + keys + "}";
        return Config.parse(yaml, "test.yaml").bind("model", TextDiTConfig.class);
    }

    private static TextDiT random(NDManager manager, String keys) {
        TextDiT model = new TextDiT(config(keys));
        TestArrays.randomize(model, manager, 3);
        return model;
    }

    private static NDArray predict(DiffusionTransformer model, NDArray y) {
        NDManager manager = y.getManager();
        NDArray t = manager.create(new float[] {0.2f, 0.7f});
        return model.forward(TestArrays.normal(manager, 1, 2, 5, 4, 4), t, y);
    }

    private static NDArray rows(NDManager manager, int count) {
        return TestArrays.normal(manager, 2, 2, count, 12);
    }

    @ParameterizedTest
    @ValueSource(strings = {ONE_WIDTH, TWO_WIDTHS, SPLIT, ONE_WIDTH + REGISTERS, TWO_WIDTHS + REGISTERS})
    void aRowServesItsShareOfNeighbouringTokens(String keys) {

        try (NDManager manager = Torch.newManager()) {
            TextDiT model = random(manager, keys);
            for (int count : new int[] {1, 4}) {
                NDArray few = rows(manager, count);
                NDArray perToken = few.repeat(1, 16 / count);
                TensorAssert.assertClose(predict(model, perToken), predict(model, few), 1e-5, 1e-5);
            }
            NDArray five = rows(manager, 5);
            assertEquals(
                    "condition: expected a number of rows that divides 16 tokens, got 5",
                    assertThrows(IllegalArgumentException.class, () -> predict(model, five))
                            .getMessage());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {ONE_WIDTH, TWO_WIDTHS, SPLIT, TWO_WIDTHS + REGISTERS})
    void aNewModelPredictsExactlyZero(String keys) {
        try (NDManager manager = Torch.newManager()) {
            TextDiT model = new TextDiT(config(keys));
            model.initialize(manager, SeedTree.of(1));
            assertEquals(0, predict(model, rows(manager, 16)).abs().max().getFloat());
        }
    }

    /** As the single-width model: Xavier everywhere, also in the projector; zero for no text. */
    @Test
    void initialValuesAreThoseOfTheSingleWidthModel(NDManager manager) {
        TextDiT model = new TextDiT(config(TWO_WIDTHS + REGISTERS));
        model.initialize(manager, SeedTree.of(1));
        Map<String, NDArray> values = model.arrays();
        double bound = Math.sqrt(6.0 / (16 + 24));
        NDArray projector = values.get("s_projector.weight").abs();
        assertTrue(projector.max().getFloat() <= bound && projector.max().getFloat() > 0.9 * bound);
        for (String name : List.of("y_embedder.dropout_embedding", "s_projector.bias", "dit_blocks.2.attn.qkv.bias")) {
            assertEquals(0, values.get(name).abs().max().getFloat(), name);
        }
        assertFalse(values.containsKey("t_embedder.W"), "the frequencies are no weight");
        assertEquals(
                List.of("pos_embed", "enc_register_pos_embed", "dec_register_pos_embed"),
                model.weights().entrySet().stream()
                        .filter(entry -> entry.getValue().isTable())
                        .map(Map.Entry::getKey)
                        .toList());
    }

    /** Each switch alone and all at once; a switch that did nothing would leave the prediction as it is. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "use_qknorm: true, use_swiglu: true, use_rope: true, use_rmsnorm: true, wo_shift: false",
                "use_qknorm: false, use_swiglu: false, use_rope: true, use_rmsnorm: true, wo_shift: false",
                "use_qknorm: false, use_swiglu: true, use_rope: false, use_rmsnorm: true, wo_shift: false",
                "use_qknorm: false, use_swiglu: true, use_rope: true, use_rmsnorm: false, wo_shift: false",
                "use_qknorm: false, use_swiglu: true, use_rope: true, use_rmsnorm: true, wo_shift: true",
                "use_qknorm: true, use_swiglu: false, use_rope: false, use_rmsnorm: false, wo_shift: true",
                "use_gembed: false",
                "cond_silu: false"
            })
    void everySwitchChangesThePredictionOfEveryArchitecture(String switches) {
        try (NDManager manager = Torch.newManager()) {
            for (String arch : List.of(ONE_WIDTH, TWO_WIDTHS, SPLIT)) {
                NDArray y = rows(manager, 16);
                NDArray plain = predict(random(manager, arch), y);
                NDArray other = predict(random(manager, arch + switches + ", "), y);
                assertTrue(other.sub(plain).abs().max().getFloat() > 1e-3f, arch + switches);
                assertTrue(other.isNaN().none().getBoolean());
            }
        }
    }

    @Test
    void learnedVarianceIsReturnedBehindThePrediction(NDManager manager) {
        TextDiT model = random(manager, ONE_WIDTH + "learn_sigma: true");
        NDArray y = rows(manager, 16);
        NDArray x = TestArrays.normal(manager, 1, 2, 5, 4, 4);
        NDArray all = model.forwardAll(x, manager.create(new float[] {0.2f, 0.7f}), y, ActivationTap.NONE);
        assertEquals(new Shape(2, 10, 4, 4), all.getShape());
        TensorAssert.assertSame(all.get(":, :5"), predict(model, y));
    }

    @Test
    void droppedSamplesTrainTheRowForNoText(NDManager manager) {
        TextDiT model = random(manager, TWO_WIDTHS);
        try (Autograd tape = Autograd.record()) {
            NDList weights = model.requireGradients(weight -> true);
            NDArray y = model.conditioning().drop(rows(manager, 16), new float[] {0.05f, 0.5f});
            NDArray loss = predict(model, y).square().mean();
            int place = List.copyOf(model.weights().keySet()).indexOf("y_embedder.dropout_embedding");
            NDArray gradient = tape.gradients(loss, weights).get(place);
            assertEquals(new Shape(12), gradient.getShape());
            assertTrue(gradient.abs().min().getFloat() > 0);
            TensorAssert.assertSame(rows(manager, 16).get("1"), y.get("1"));
            NDArray none = model.arrays().get("y_embedder.dropout_embedding");
            TensorAssert.assertSame(none.repeat(16).reshape(12, 16).transpose(), y.get("0"));
        }
    }

    @Test
    void guidanceMovesAwayFromTheRowForNoText(NDManager manager) {
        TextDiT model = random(manager, ONE_WIDTH);
        NDArray y = rows(manager, 16);
        NDArray none = model.conditioning().none(manager, y.getShape());
        NDArray strong = predict(model, y);
        NDArray weak = predict(model, none);
        Denoiser guided = GuidanceConfig.of(GuidanceMethod.CFG, 3).guide(model, null);
        NDArray x = TestArrays.normal(manager, 1, 2, 5, 4, 4);
        NDArray got = guided.forward(x, manager.create(new float[] {0.2f, 0.7f}), y);
        TensorAssert.assertClose(weak.add(strong.sub(weak).mul(3)), got, 1e-5, 1e-5);
    }

    @Test
    void conditionsOfAnotherShapeAreRefused(NDManager manager) {
        TextDiT model = random(manager, ONE_WIDTH);
        NDArray flat = manager.ones(new Shape(2, 12));
        assertEquals(
                "y: expected rows (2, L, 12), got (2, 12); one row for all tokens is (2, 1, 12)",
                assertThrows(IllegalArgumentException.class, () -> predict(model, flat))
                        .getMessage());
        NDArray narrow = manager.ones(new Shape(2, 16, 11));
        assertEquals(
                "y: expected (2, *, 12), got (2, 16, 11)",
                assertThrows(IllegalArgumentException.class, () -> predict(model, narrow))
                        .getMessage());
        assertEquals(
                "stage_2.target: expected a class-conditional denoiser, got one that is conditioned on text",
                assertThrows(IllegalArgumentException.class, () -> ClassLabels.of(model))
                        .getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                SPLIT + REGISTERS + " | use_DDT: expected false with registers, got true; use arch DDT instead",
                ONE_WIDTH
                        + "use_DDT: true, DDT_encoder_depth: 3 | DDT_encoder_depth: expected 1 to 2 (depth is 3), got 3",
                ONE_WIDTH + "use_DDT: true | DDT_encoder_depth: expected 1 to 2 (depth is 3), got -1",
                TWO_WIDTHS + "use_DDT: true | use_DDT: expected false with arch DDT, which has a head anyway, got true",
                TWO_WIDTHS + "register_conditioning: true, register_len: 4, register_start: 2"
                        + " | register_start: expected 0 to 1 (depth[0] is 2), got 2",
                ONE_WIDTH + "register_conditioning: true, register_len: 3, register_start: 1"
                        + " | register_len: expected a square number (0, 1, 4, 9, ...), got 3",
                "arch: DiT, hidden_size: [16, 24], depth: 3, num_heads: 2"
                        + " | hidden_size: expected one number with arch DiT, got [16, 24]",
                "arch: DDT, hidden_size: 16, depth: [2, 1], num_heads: 2"
                        + " | hidden_size: expected a pair for encoder and head with arch DDT, got [16]",
                "arch: DDX, hidden_size: 16, depth: 3, num_heads: 2 | expected one of DiT, DDT, got \"DDX\"",
                "arch: DiT, hidden_size: 20, depth: 3, num_heads: 2"
                        + " | hidden_size: expected a head width divisible by 4 for rotary positions, got 10 (20 / 2)",
                "arch: DDT, hidden_size: [16, 24], depth: [2, 1], num_heads: [2, 5]"
                        + " | hidden_size[1]: expected a multiple of num_heads (5), got 24",
                ONE_WIDTH + REGISTERS + "use_qknorm: false, use_swiglu: true, use_rope: false, use_rmsnorm: true, "
                        + "wo_shift: false | use_rope: expected true with registers, got false; set register_len to 0"
            })
    void settingsThatCannotWorkAreRefused(String keys, String message) {
        String got = assertThrows(RuntimeException.class, () -> config(keys)).getMessage();
        assertTrue(got.contains(message), got);
    }
}
