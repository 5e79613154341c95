// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.Seeded;
import org.junit.jupiter.api.Test;

final class FrechetDistanceTest {
    @Test
    void oneDimensionHasTheClosedForm() {
        Gaussian a = new Gaussian(new double[] {1}, new double[] {4});
        Gaussian b = new Gaussian(new double[] {4}, new double[] {25});
        FrechetDistance distance = FrechetDistance.between(a, b);

        assertEquals(9, distance.meanTerm(), 1e-14);
        assertEquals(10, distance.traceSqrt(), 1e-13);
        assertEquals(9 + (5 - 2) * (5 - 2), distance.distance(), 1e-12);
    }

    @Test
    void diagonalCovariancesAddUpByDimension() {
        Gaussian a = new Gaussian(new double[] {0, 0}, new double[] {1, 0, 0, 9});
        Gaussian b = new Gaussian(new double[] {1, 2}, new double[] {16, 0, 0, 25});

        assertEquals(1 + 4 + 9 + 4, FrechetDistance.between(a, b).distance(), 1e-12);
    }

    @Seeded(5)
    void theDistanceIsSymmetricAndZeroFromItself(long seed) {
        RandomStream random = SeedTree.of(seed).stream();
        Gaussian a = Gaussian.of(random.normals(20 * 6), 20, 6);
        Gaussian b = Gaussian.of(random.normals(30 * 6), 30, 6);

        assertEquals(0, FrechetDistance.between(a, a).distance(), 1e-12);
        assertEquals(
                FrechetDistance.between(a, b).distance(),
                FrechetDistance.between(b, a).distance(),
                1e-12);
    }

    @Test
    void theOffsetActsOnlyUnderTheRoot() {
        Gaussian a = new Gaussian(new double[] {0, 0}, new double[] {1, 0, 0, 0});
        Gaussian b = new Gaussian(new double[] {0, 0}, new double[] {0, 0, 0, 1});
        double offset = 1e-6;

        assertEquals(2, FrechetDistance.between(a, b).distance(), 1e-12);
        assertEquals(
                2 - 4 * Math.sqrt((1 + offset) * offset),
                FrechetDistance.withOffset(a, b, offset).distance(),
                1e-12);
    }

    @Test
    void unequalWidthsAndMalformedMomentsAreRefused() {
        Gaussian one = new Gaussian(new double[] {0}, new double[] {1});
        Gaussian two = new Gaussian(new double[2], new double[4]);

        assertEquals(
                "features: expected equal widths, got 1 and 2",
                assertThrows(IllegalArgumentException.class, () -> FrechetDistance.between(one, two))
                        .getMessage());
        assertEquals(
                "covariance: expected 2 x 2 values for a mean of 2, got 3",
                assertThrows(IllegalArgumentException.class, () -> new Gaussian(new double[2], new double[3]))
                        .getMessage());
        assertEquals(
                "covariance: expected finite values, got Infinity at index 0",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new Gaussian(new double[1], new double[] {Double.POSITIVE_INFINITY}))
                        .getMessage());
    }

    @Test
    void aGaussianDoesNotShareItsArrays() {
        double[] mean = {1};
        Gaussian gaussian = new Gaussian(mean, new double[] {1});
        mean[0] = 7;
        gaussian.mean()[0] = 8;
        gaussian.covariance()[0] = 9;

        assertEquals(1, gaussian.mean()[0]);
        assertEquals(1, gaussian.covariance()[0]);
        assertEquals(1, gaussian.width());
    }
}
