// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.config.Config;
import ai.dsr.core.config.ConfigException;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class GanLossTest {
    private static GanLossConfig config(String yaml) {
        return Config.parse("loss: " + yaml, "x.yaml").bind("loss", GanLossConfig.class);
    }

    @Test
    void aSureDiscriminatorHasNoHingeLossAndAnUnsureOneHasOne(NDManager manager) {
        NDArray sure = manager.create(new float[] {1, 2});
        NDArray unsure = manager.zeros(sure.getShape());
        assertEquals(
                0,
                GanLoss.HINGE.discriminator(sure, sure.neg(), GanLoss.Reduction.MEAN)
                        .toFloatArray()[0]);
        assertEquals(
                1,
                GanLoss.HINGE.discriminator(unsure, unsure, GanLoss.Reduction.MEAN)
                        .toFloatArray()[0]);
        assertEquals(0, GanLoss.accuracy(unsure, unsure).toFloatArray()[0], "equal is not above");
    }

    @Test
    void theAdaptiveWeightMakesGradientsEquallyLong(NDManager manager) {
        NDArray layer = manager.create(new float[] {1, 2, 3});
        layer.setRequiresGradient(true);
        try (Autograd tape = Autograd.record()) {
            NDArray output = Kernels.scale(layer, 2);
            NDArray recon = Kernels.scale(output, 3).sum();
            NDArray gan = output.sum();
            AdaptiveWeight.Term wanted = AdaptiveWeight.Term.of(recon, output);
            AdaptiveWeight.Term given = AdaptiveWeight.Term.of(gan, output);
            AdaptiveWeight.Term none =
                    AdaptiveWeight.Term.of(Kernels.scale(output, 0).sum(), output);
            NDArray clamped =
                    AdaptiveWeight.of(wanted, none, output, layer, 100, 1).weight();
            assertEquals(100, clamped.toFloatArray()[0], "without a gradient the clamp decides");
            AdaptiveWeight balanced = AdaptiveWeight.of(wanted, given, output, layer, 100, 0.5);
            assertEquals(3, balanced.weight().toFloatArray()[0], 1e-5);
            assertEquals(DataType.FLOAT32, balanced.total().getDataType());
            assertEquals(36 + 0.5 * 3 * 12, balanced.total().toFloatArray()[0], 1e-4);
            NDArray slope = tape.gradients(balanced.total(), new NDList(layer)).get(0);
            assertEquals(6 + 0.5 * 3 * 2, slope.toFloatArray()[0], 1e-4);
        }
        assertEquals(
                "adaptive weight: expected a recording to differentiate, got none",
                assertThrows(IllegalStateException.class, () -> AdaptiveWeight.Term.of(layer.sum(), layer))
                        .getMessage());
    }

    @Test
    void termsBeginAtTheirEpochs() {
        GanLossConfig config = config("{disc_start: 1.5, disc_upd_start: 1, lpips_start: 2}");
        assertFalse(config.usesGan(14, 10));
        assertTrue(config.usesGan(15, 10));
        assertFalse(config.trainsDiscriminator(9, 10));
        assertTrue(config.trainsDiscriminator(10, 10));
        assertFalse(config.usesPerceptual(19, 10));
        assertTrue(config.usesPerceptual(20, 10));
        GanLossConfig later = config("{disc_start: 2}");
        assertFalse(later.trainsDiscriminator(19, 10), "with the decoder's loss unless it says otherwise");
        GanLossConfig none = config("{disc_weight: 0, perceptual_weight: 0}");
        assertFalse(none.usesGan(99, 10) || none.trainsDiscriminator(99, 10) || none.usesPerceptual(99, 10));
    }

    @Test
    void mistakesAreNamedByTheirKeys() {
        assertTrue(
                message("{disc_loss: lecam}").contains("disc_loss: expected one of hinge, vanilla"),
                message("{disc_loss: lecam}"));
        assertTrue(message("{gen_loss: hinge}").contains("gen_loss: expected"), message("{gen_loss: hinge}"));
        assertTrue(message("{disc_weight: -1}").contains("disc_weight: expected 0 or more, got -1.0"));
        assertTrue(message("{disc_updates: 0}").contains("disc_updates: expected 1 or more, got 0"));
        assertTrue(message("{disc_strat: 2}").contains("did you mean disc_start"));
    }

    private static String message(String yaml) {
        return assertThrows(ConfigException.class, () -> config(yaml)).getMessage();
    }
}
