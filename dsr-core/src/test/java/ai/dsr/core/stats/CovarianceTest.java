// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.random.SeedTree;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class CovarianceTest {
    @Test
    void aSmallTableGivesTheTextbookCovariance() {
        Gaussian gaussian = Gaussian.of(new float[] {1, 2, 3, 6, 5, 4}, 3, 2);

        assertArrayEquals(new double[] {3, 4}, gaussian.mean(), 1e-15);
        assertArrayEquals(new double[] {4, 2, 2, 4}, gaussian.covariance(), 1e-14);
    }

    @Test
    void oneFeatureGivesAOneByOneMatrix() {
        Gaussian gaussian = Gaussian.of(new float[] {1, 2, 4}, 3, 1);

        assertEquals(7.0 / 3, gaussian.mean()[0], 1e-15);
        assertEquals(7.0 / 3, gaussian.covariance()[0], 1e-14);
    }

    @Test
    void manyBlocksGiveWhatTheDirectFormulaGives() {
        int width = 3;
        int rows = 2500; // more than two of the blocks that one call is cut into
        float[] all = SeedTree.of(1).stream().normals(rows * width);
        for (int i = 0; i < all.length; i++) {
            all[i] += 1e4f * (i % width);
        }
        Covariance covariance = new Covariance(width);
        covariance.add(all, 2100);
        covariance.add(Arrays.copyOfRange(all, 2100 * width, all.length), 1);
        covariance.add(Arrays.copyOfRange(all, 2101 * width, all.length), 399);

        assertEquals(rows, covariance.count());
        assertArrayEquals(direct(all, rows, width), covariance.toGaussian().covariance(), 1e-12);
        for (int i = 0; i < width; i++) {
            assertEquals(
                    RunningMomentsTest.mean(all, width, i),
                    covariance.toGaussian().mean()[i],
                    1e-11);
        }
    }

    @Test
    void theDiagonalIsTheVarianceOfTheRunningMoments() {
        float[] rows = SeedTree.of(2).stream().normals(60);
        RunningMoments moments = new RunningMoments(4);
        moments.add(rows, 15);
        double[] covariance = Gaussian.of(rows, 15, 4).covariance();

        for (int i = 0; i < 4; i++) {
            assertEquals(moments.variance()[i] * 15 / 14, covariance[i * 5], 1e-14);
        }
    }

    @Test
    void tooFewRowsWrongSizesAndNonFiniteFeaturesAreRefused() {
        Covariance covariance = new Covariance(2);
        covariance.add(new float[] {1, 2}, 1);

        assertEquals(
                "covariance: expected 2 rows or more, got 1; add rows first",
                assertThrows(IllegalStateException.class, covariance::toGaussian)
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> new Covariance(0));
        assertThrows(IllegalArgumentException.class, () -> covariance.add(new float[3], 2));
        IllegalArgumentException broken =
                assertThrows(IllegalArgumentException.class, () -> Gaussian.of(new float[] {1, 2, Float.NaN, 4}, 2, 2));
        assertEquals("mean: expected finite values, got NaN at index 0", broken.getMessage());
    }

    private static double[] direct(float[] rows, int n, int width) {
        double[] result = new double[width * width];
        for (int i = 0; i < width; i++) {
            for (int j = 0; j < width; j++) {
                double meanI = RunningMomentsTest.mean(rows, width, i);
                double meanJ = RunningMomentsTest.mean(rows, width, j);
                for (int row = 0; row < n; row++) {
                    result[i * width + j] += (rows[row * width + i] - meanI) * (rows[row * width + j] - meanJ);
                }
                result[i * width + j] /= n - 1;
            }
        }
        return result;
    }
}
