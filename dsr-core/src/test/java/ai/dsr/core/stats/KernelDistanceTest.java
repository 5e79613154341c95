// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.random.SeedTree;
import ai.dsr.core.stats.KernelDistance.Subsets;
import org.junit.jupiter.api.Test;

class KernelDistanceTest {
    @Test
    void aSmallSetGivesWhatTheFormulaGives() {
        FeatureRows x = FeatureRows.of(new double[] {0, 1}, 1);
        FeatureRows y = FeatureRows.of(new double[] {2, 3}, 1);
        Subsets all = new Subsets(new int[][] {{0, 1}}, new int[][] {{1, 0}});
        // k = (x y + 1)^2; within x: k(0,1) twice = 2; within y: k(2,3) twice = 98; across: 1 + 1 + 9 + 16 = 27
        KernelDistance distance = KernelDistance.of(x, y, new FeatureKernel.Polynomial(2, 1, 1), all);
        assertEquals((2 + 98) / 2.0 - 2.0 / 4 * 27, distance.mean(), 1e-12);
        assertEquals(0, distance.std());
    }

    @Test
    void theGaussianKernelDependsOnTheDistanceOnly() {
        FeatureKernel kernel = new FeatureKernel.Gaussian(2);
        assertEquals(Math.exp(-9 / 8.0), kernel.of(2 * 5, 4, 25), 1e-15);
        assertEquals(1, kernel.of(25, 25, 25));
    }

    @Test
    void setsOfOneDistributionAreNearAndOthersFar() {
        FeatureRows a = FeatureRows.of(SeedTree.of(1).stream().normals(400 * 8), 8);
        FeatureRows b = FeatureRows.of(SeedTree.of(2).stream().normals(400 * 8), 8);
        float[] moved = SeedTree.of(3).stream().normals(400 * 8);
        for (int i = 0; i < moved.length; i++) {
            moved[i] += 1;
        }
        Subsets subsets = Subsets.draw(400, 400, 10, 100, KernelDistance.SEED);
        FeatureKernel cubic = FeatureKernel.Polynomial.cubic(8);
        double same = KernelDistance.of(a, b, cubic, subsets).mean();
        double other =
                KernelDistance.of(a, FeatureRows.of(moved, 8), cubic, subsets).mean();
        assertTrue(Math.abs(same) < 0.05, "same " + same);
        assertTrue(other > 1, "other " + other);
    }

    @Test
    void badInputIsNamed() {
        assertEquals(
                "kid_subset_size: expected 2 to the number of images (20), got 21",
                assertThrows(IllegalArgumentException.class, () -> Subsets.draw(30, 20, 1, 21, 0))
                        .getMessage());
        assertEquals(
                "kid_kernel_rbf_sigma: expected above 0, got 0.0",
                assertThrows(IllegalArgumentException.class, () -> new FeatureKernel.Gaussian(0))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new FeatureKernel.Polynomial(0, 1, 1));
        FeatureRows narrow = FeatureRows.of(new double[4], 1);
        FeatureRows wide = FeatureRows.of(new double[4], 2);
        Subsets none = new Subsets(new int[0][], new int[0][]);
        FeatureKernel kernel = new FeatureKernel.Gaussian(1);
        assertThrows(IllegalArgumentException.class, () -> KernelDistance.of(narrow, wide, kernel, none));
        assertThrows(IllegalArgumentException.class, () -> KernelDistance.of(narrow, narrow, kernel, none));
    }
}
