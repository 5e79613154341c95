// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class PrecisionRecallTest {
    private static FeatureRows random(long seed, int n, int width, double scale) {
        float[] values = SeedTree.of(seed).stream().normals(n * width);
        for (int i = 0; i < values.length; i++) {
            values[i] *= (float) scale;
        }
        return FeatureRows.of(values, width);
    }

    private static FeatureRows line(double... values) {
        return FeatureRows.of(values, 1);
    }

    @ParameterizedTest
    @EnumSource
    void aSetAgainstItselfIsPerfect(DistanceType type) {
        FeatureRows set = random(1, 50, 6, 1);
        PrecisionRecall result = PrecisionRecall.of(set, set, 3, type);
        assertEquals(1, result.precision());
        assertEquals(1, result.recall());
        assertEquals(1, result.fScore(), 1e-12);
    }

    @ParameterizedTest
    @EnumSource
    void pointsOnALineGiveWhatCountingGives(DistanceType type) {
        PrecisionRecall result = PrecisionRecall.of(line(0, 1, 3, 7), line(2, 40, 41, 43), 1, type);
        assertArrayEquals(new double[] {1, 1, 4, 16}, result.radiiReference());
        assertArrayEquals(new double[] {38 * 38, 1, 1, 4}, result.radiiSamples());
        assertEquals(0.25, result.precision()); // 2 lies within 1 of 1; the others reach nothing
        assertEquals(1, result.recall()); // the ball around 2 covers all
    }

    @Test
    void manyTilesGiveWhatOneComparisonAtATimeGives() {
        FeatureRows reference = random(2, 1203, 3, 1);
        FeatureRows samples = random(3, 1001, 3, 1.3);
        PrecisionRecall result = PrecisionRecall.of(reference, samples, 2, DistanceType.FLOAT64);
        double[] radii = new double[1203];
        for (int i = 0; i < radii.length; i++) {
            double[] all = new double[1203];
            for (int j = 0; j < all.length; j++) {
                all[j] = distance(reference.rows(i, 1), reference.rows(j, 1));
            }
            java.util.Arrays.sort(all);
            radii[i] = all[2];
        }
        assertArrayEquals(radii, result.radiiReference(), 1e-12);
        int inside = 0;
        for (int s = 0; s < 1001; s++) {
            boolean found = false;
            for (int r = 0; r < 1203 && !found; r++) {
                found = distance(reference.rows(r, 1), samples.rows(s, 1)) <= radii[r];
            }
            inside += found ? 1 : 0;
        }
        assertEquals(inside / 1001.0, result.precision());
    }

    private static double distance(double[] a, double[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (a[i] - b[i]) * (a[i] - b[i]);
        }
        return sum;
    }

    @Test
    void admRoundsToHalfPrecisionWhereThatIsFinite() {
        // 1 + 2^-12 is 1 in float16, so all points are one and all radii zero
        FeatureRows near = line(1, 1 + 0x1p-12, 1, 1);
        assertArrayEquals(
                new double[4],
                PrecisionRecall.of(near, near, 3, DistanceType.ADM).radiiReference());
        double exact = PrecisionRecall.of(near, near, 3, DistanceType.FLOAT64).radiiReference()[0];
        assertEquals(0x1p-24, exact, 1e-12);
    }

    @Test
    void admFallsBackToSinglePrecisionWhereHalfOverflows() {
        // 300^2 = 90000 is infinite in float16, and infinity - infinity is no number: the block is done in float32
        FeatureRows far = line(300, 301, 302, 304);
        double[] radii = PrecisionRecall.of(far, far, 1, DistanceType.ADM).radiiReference();
        assertArrayEquals(new double[] {1, 1, 1, 4}, radii);
    }

    @Test
    void admCountsMinusInfinityAsFinite() {
        // squares of 200 stay finite (40000) but twice the product (80000) does not: 40000 - inf + 40000 is clamped to
        // 0
        FeatureRows set = line(200, 201, 203, 210);
        double[] radii = PrecisionRecall.of(set, set, 1, DistanceType.ADM).radiiReference();
        assertArrayEquals(new double[4], radii);
    }

    @Test
    void admDecidesForEachMatrixAlone() {
        FeatureRows near = line(0, 1, 2, 4);
        FeatureRows far = line(300, 301, 302, 304);
        PrecisionRecall result = PrecisionRecall.of(near, far, 1, DistanceType.ADM);
        assertArrayEquals(new double[] {1, 1, 1, 4}, result.radiiReference());
        assertArrayEquals(new double[] {1, 1, 1, 4}, result.radiiSamples());
        assertEquals(0, result.precision());
    }

    @Test
    void aSubsetHasPerfectPrecisionWhateverTheOrder() {
        RandomStream stream = SeedTree.of(5).stream();
        float[] all = stream.normals(300);
        FeatureRows reference = FeatureRows.of(all, 3);
        FeatureRows samples = FeatureRows.of(java.util.Arrays.copyOf(all, 60), 3);
        PrecisionRecall result = PrecisionRecall.of(reference, samples, 3, DistanceType.FLOAT64);
        assertEquals(1, result.precision());
    }

    @Test
    void badInputIsNamed() {
        FeatureRows three = random(1, 3, 2, 1);
        FeatureRows four = random(2, 4, 2, 1);
        assertEquals(
                "samples: expected more than nhood_size (3) images for precision and recall, got 3",
                message(four, three, 3));
        assertEquals("nhood_size: expected 1 or more, got 0", message(four, three, 0));
        assertEquals("features: expected equal widths, got 2 and 1", message(four, line(1, 2, 3, 4), 1));
        assertEquals(
                "features: expected finite values, got NaN", message(line(1, 2, 3, Double.NaN), line(1, 2, 3, 4), 1));
        assertEquals(
                "distance_dtype: expected float32, float64 or adm, got half",
                assertThrows(IllegalArgumentException.class, () -> DistanceType.of("half"))
                        .getMessage());
    }

    private static String message(FeatureRows reference, FeatureRows samples, int k) {
        return assertThrows(
                        IllegalArgumentException.class,
                        () -> PrecisionRecall.of(reference, samples, k, DistanceType.FLOAT32))
                .getMessage();
    }
}
