// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class LatentNormalizerTest {
    private static String fault(LatentNormalizer normalizer, NDArray z) {
        return assertThrows(IllegalArgumentException.class, () -> normalizer.normalize(z))
                .getMessage();
    }

    @Test
    void denormalizingUndoesNormalizing(NDManager manager) {
        NDArray z = manager.randomNormal(new Shape(2, 3, 2, 2));
        TensorData mean = TensorData.of(new float[] {1, 2, 3}, 3, 1, 1);
        TensorData var = TensorData.of(new float[] {4, 9, 0.25f}, 3, 1, 1);
        LatentNormalizer normalizer = LatentNormalizer.of(manager, mean, var, 1e-5);
        TensorAssert.assertClose(z, normalizer.denormalize(normalizer.normalize(z)), 1e-5, 1e-5);
    }

    @Test
    void aMissingVarianceIsOneAndStillGetsEps(NDManager manager) {
        NDArray z = manager.ones(new Shape(1, 2, 3));
        TensorData mean = TensorData.of(new float[] {0, 0, 1}, 3);
        NDArray normalized = LatentNormalizer.of(manager, mean, null, 3).normalize(z);
        TensorAssert.assertClose(
                manager.create(new float[] {0.5f, 0.5f, 0, 0.5f, 0.5f, 0}, new Shape(1, 2, 3)), normalized, 1e-7, 0);
    }

    @Test
    void withoutStatisticsLatentsStayTheyAre(NDManager manager) {
        NDArray z = manager.ones(new Shape(1, 2, 2, 2));
        LatentNormalizer none = LatentNormalizer.of(manager, null, null, 1e-5);
        assertTrue(none.isNone());
        assertSame(z, none.normalize(z));
        assertSame(z, none.denormalize(z));
    }

    @Test
    void statisticsThatDoNotFitAreNamed(NDManager manager) {
        TensorData three = TensorData.of(new float[] {1, 1, 1}, 3);
        TensorData image = TensorData.of(new float[12], 3, 2, 2);
        LatentNormalizer channels = LatentNormalizer.of(manager, null, three, 1e-5);
        LatentNormalizer spatial = LatentNormalizer.of(manager, image, null, 1e-5);
        assertEquals(
                "var: expected (3, 3, 3) or (3, 1, 1) for latents (1, 3, 3, 3), got (3); check the statistics file",
                fault(channels, manager.zeros(new Shape(1, 3, 3, 3))));
        assertEquals(
                "mean: expected (3, 4, 4) or (3, 1, 1) for latents (1, 3, 4, 4), got (3, 2, 2); check the statistics file",
                fault(spatial, manager.zeros(new Shape(1, 3, 4, 4))));
        assertEquals(
                "var: expected (4) for latents (1, 2, 4), got (3); check the statistics file",
                fault(channels, manager.zeros(new Shape(1, 2, 4))));
    }

    @Test
    void unusableValuesAreNamed(NDManager manager) {
        TensorData negative = TensorData.of(new float[] {-1}, 1);
        assertEquals(
                "var: expected values of 0 or more, got -1.0",
                assertThrows(IllegalArgumentException.class, () -> LatentNormalizer.of(manager, null, negative, 1e-5))
                        .getMessage());
        StateDict state = StateDict.of("stat.safetensors", Map.of("weight", negative));
        assertEquals(
                "stat.safetensors: expected mean or var, got [weight]; give a file of latent statistics",
                assertThrows(IllegalArgumentException.class, () -> LatentNormalizer.of(manager, state, 1e-5))
                        .getMessage());
    }
}
