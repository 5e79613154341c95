// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class LatentNoiseTest {
    @Test
    void strengthIsPerSample(NDManager manager) {
        NDArray z = manager.zeros(new Shape(2, 2, 1));
        NDArray noise = manager.create(new float[] {1, 2, 3, 4}, new Shape(2, 2, 1));
        LatentNoise.Draws draws = new LatentNoise.Draws(manager.create(new float[] {0, 0.5f}), noise);
        NDArray got = new LatentNoise(2, false).add(z, null, draws);
        TensorAssert.assertClose(manager.create(new float[] {0, 0, 3, 4}, new Shape(2, 2, 1)), got, 1e-6, 0);
    }

    @Test
    void normScaledNoiseFollowsTheLowerMedianWithinItsBounds(NDManager manager) {
        NDArray z = manager.zeros(new Shape(1, 4, 1));
        NDArray norms = manager.create(new float[] {2, 0.1f, 100, 4}, new Shape(1, 4, 1)); // lower median 2
        LatentNoise.Draws draws = new LatentNoise.Draws(manager.ones(new Shape(1)), z.onesLike());
        NDArray got = new LatentNoise(1, true).add(z, norms, draws);
        TensorAssert.assertClose(manager.create(new float[] {1, 0.2f, 5, 2}, new Shape(1, 4, 1)), got, 1e-5, 0);
    }

    @Test
    void drawsOfAnotherShapeAreNamed(NDManager manager) {
        NDArray z = manager.zeros(new Shape(2, 4, 3));
        LatentNoise noise = new LatentNoise(1, false);
        LatentNoise.Draws flat = new LatentNoise.Draws(manager.ones(new Shape(2)), manager.ones(new Shape(2, 3, 2, 2)));
        assertEquals(
                "noise: expected (2, 4, 3), got (2, 3, 2, 2)",
                assertThrows(IllegalArgumentException.class, () -> noise.add(z, null, flat))
                        .getMessage());
        LatentNoise.Draws one = new LatentNoise.Draws(manager.ones(new Shape(1)), z);
        assertEquals(
                "noise strengths: expected 2 values, got (1)",
                assertThrows(IllegalArgumentException.class, () -> noise.add(z, null, one))
                        .getMessage());
        assertEquals(
                "noise_tau: expected 0 or more, got -0.1",
                assertThrows(IllegalArgumentException.class, () -> new LatentNoise(-0.1, false))
                        .getMessage());
    }
}
