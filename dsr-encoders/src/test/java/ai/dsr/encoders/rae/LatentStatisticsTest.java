// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class LatentStatisticsTest {
    @Test
    void aLargeMeanDoesNotSwallowTheVariance(NDManager manager) {
        LatentStatistics statistics = new LatentStatistics();
        statistics.add(manager.create(new float[] {4096, 4098}, new Shape(2, 1))); // float32 squares would cancel
        assertArrayEquals(new float[] {4097}, statistics.mean().toFloats());
        assertArrayEquals(new float[] {1}, statistics.variance().toFloats());
    }

    @Test
    void measuredStatisticsNormalizeTheirOwnData(NDManager manager, @TempDir Path folder) {
        NDArray latents = manager.randomNormal(new Shape(64, 3, 2, 2)).mul(3).add(1);
        LatentStatistics statistics = new LatentStatistics();
        statistics.add(latents);
        assertEquals(64, statistics.count());
        Path file = folder.resolve("stat.safetensors");
        statistics.write(file);
        LatentNormalizer normalizer = LatentNormalizer.of(manager, SafeTensors.read(file), 0);
        NDArray z = normalizer.normalize(latents);
        TensorAssert.assertClose(manager.zeros(new Shape(3, 2, 2)), z.mean(new int[] {0}), 1e-5, 0);
        TensorAssert.assertClose(manager.ones(new Shape(3, 2, 2)), z.square().mean(new int[] {0}), 1e-5, 0);
    }

    @Test
    void partsMergeToTheWhole(NDManager manager) {
        NDArray a = manager.randomNormal(new Shape(4, 5, 7));
        NDArray b = manager.randomNormal(new Shape(2, 5, 7));
        LatentStatistics whole = new LatentStatistics();
        whole.add(a);
        whole.add(b);
        LatentStatistics left = new LatentStatistics();
        left.merge(new LatentStatistics());
        left.add(a);
        LatentStatistics right = new LatentStatistics();
        right.add(b);
        left.merge(right);
        assertEquals(42, left.count());
        assertArrayEquals(whole.mean().toFloats(), left.mean().toFloats());
        assertArrayEquals(whole.variance().toFloats(), left.variance().toFloats());
    }

    @Test
    void anotherShapeOrNoDataIsRefused(NDManager manager) {
        LatentStatistics statistics = new LatentStatistics();
        assertEquals(
                "latent statistics: expected at least one batch, got none",
                assertThrows(IllegalStateException.class, statistics::mean).getMessage());
        statistics.add(manager.ones(new Shape(1, 3, 2, 2)));
        assertEquals(
                "latents: expected statistics of shape (3, 2, 2), got (3)",
                assertThrows(IllegalArgumentException.class, () -> statistics.add(manager.ones(new Shape(1, 3))))
                        .getMessage());
        assertEquals(
                "latents: expected a batch of 2 to 5 axes, got (3)",
                assertThrows(IllegalArgumentException.class, () -> statistics.add(manager.ones(new Shape(3))))
                        .getMessage());
    }
}
