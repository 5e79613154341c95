// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.config.Config;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Torch;
import ai.dsr.dit.TestArrays;
import ai.dsr.testkit.TensorAssert;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Segments that are computed twice change no gradient, not by a bit. */
class CheckpointSegmentsTest {
    private static final String SHARED =
            "input_size: 4, patch_size: 1, in_channels: 5, mlp_ratio: 4, use_qknorm: true, "
                    + "class_dropout_prob: 0.1, use_swiglu: true, use_rope: true, use_rmsnorm: true, wo_shift: false, "
                    + "register_conditioning: true, register_len: 4, register_start: 1, ";
    private static final String ONE = SHARED + "hidden_size: 16, depth: 5, num_heads: 2, ";
    private static final String TWO = SHARED + "hidden_size: [16, 24], depth: [3, 2], num_heads: 2, ";

    static Stream<DiffusionTransformer> models() {
        return Stream.of(
                new LightningDiT(bind(ONE + "num_classes: 6", DiTConfig.class)),
                new LightningDiT(
                        bind(ONE + "num_classes: 6, register_kind: class, bottleneck_dim: 3", DiTConfig.class)),
                new DiTDH(bind(TWO + "num_classes: 6", DiTDHConfig.class)),
                new TextDiT(bind(ONE + "arch: DiT, z_channels: 12", TextDiTConfig.class)),
                new TextDiT(bind(TWO + "arch: DDT, z_channels: 12", TextDiTConfig.class)),
                new TextDiT(bind(
                        ONE.replace("register_conditioning: true", "register_conditioning: false")
                                + "arch: DiT, z_channels: 12, use_DDT: true, DDT_encoder_depth: 3",
                        TextDiTConfig.class)));
    }

    private static <T extends Record> T bind(String keys, Class<T> type) {
        return Config.parse("model: {" + keys + "}", "test.yaml").bind("model", type);
    }

    private static NDList gradients(DiffusionTransformer model, NDManager manager, int segments) {
        model.setCheckpointSegments(segments);
        try (Autograd tape = Autograd.record()) {
            NDList weights = model.requireGradients(weight -> true);
            NDArray given = model.conditioning() instanceof ClassLabels
                    ? manager.create(new long[] {1, 4})
                    : TestArrays.normal(manager, 2, 2, 16, 12);
            NDArray y = model.conditioning().drop(given, new float[] {0.01f, 0.9f});
            NDArray t = manager.create(new float[] {0.2f, 0.7f});
            NDArray loss = model.forward(TestArrays.normal(manager, 1, 2, 5, 4, 4), t, y)
                    .square()
                    .mean();
            return tape.gradients(loss, weights);
        }
    }

    @ParameterizedTest
    @MethodSource("models")
    void gradientsAreTheSameToTheBit(DiffusionTransformer model) {
        try (NDManager manager = Torch.newManager()) {
            TestArrays.randomize(model, manager, 3);
            NDList plain = gradients(model, manager, 0);
            assertTrue(plain.get(plain.size() - 1).abs().max().getFloat() > 0);
            for (int segments : new int[] {1, 2, 3, 99}) {
                NDList twice = gradients(model, manager, segments);
                List<String> names = List.copyOf(model.weights().keySet());
                for (int i = 0; i < names.size(); i++) {
                    TensorAssert.assertSame(plain.get(i), twice.get(i));
                }
            }
        }
    }

    @Test
    void aNegativeNumberIsRefused() {
        LightningDiT model = new LightningDiT(DiTConfig.of(4, 5, 6, 16, 2, 2));
        assertEquals(
                "checkpoint_segments: expected 0 or more, got -1",
                assertThrows(IllegalArgumentException.class, () -> model.setCheckpointSegments(-1))
                        .getMessage());
    }
}
