// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.Seeded;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

final class RunningMomentsTest {
    @Test
    void meanAndBiasedVarianceOfASmallTableAreExact() {
        RunningMoments moments = new RunningMoments(2);
        moments.add(new float[] {1, 10, 3, 10, 5, 40}, 3);

        assertEquals(3, moments.count());
        assertArrayEquals(new double[] {3, 20}, moments.mean());
        assertArrayEquals(new double[] {8.0 / 3, 200}, moments.variance(), 1e-13);
    }

    @Seeded(5)
    void blocksOfAnySizeGiveWhatOnePassOverAllRowsGives(long seed) {
        RandomStream random = SeedTree.of(seed).stream();
        int width = 3;
        int rows = 50;
        float[] all = random.normals(rows * width);
        RunningMoments moments = new RunningMoments(width);
        for (int row = 0; row < rows; ) {
            int n = Math.min(1 + random.nextInt(9), rows - row);
            moments.add(Arrays.copyOfRange(all, row * width, (row + n) * width), n);
            row += n;
        }

        for (int i = 0; i < width; i++) {
            assertEquals(mean(all, width, i), moments.mean()[i], 1e-14);
            assertEquals(variance(all, width, i), moments.variance()[i], 1e-13);
        }
    }

    @Test
    void aLargeOffsetCostsNoDigits() {
        float[] rows = new float[4000];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = 1e4f + (i % 2 == 0 ? 0.25f : -0.25f); // exact in float32
        }
        RunningMoments moments = new RunningMoments(1);
        for (int i = 0; i < rows.length; i += 7) {
            int n = Math.min(7, rows.length - i);
            moments.add(Arrays.copyOfRange(rows, i, i + n), n);
        }

        assertEquals(1e4, moments.mean()[0], 1e-10);
        assertEquals(0.0625, moments.variance()[0], 1e-12);
    }

    @Test
    void mergedTotalsEqualOneTotalAndLeaveTheOtherAlone() {
        float[] rows = SeedTree.of(3).stream().normals(40);
        RunningMoments whole = new RunningMoments(2);
        whole.add(rows, 20);
        RunningMoments first = new RunningMoments(2);
        first.add(rows, 13);
        RunningMoments second = new RunningMoments(2);
        second.add(Arrays.copyOfRange(rows, 26, 40), 7);
        double[] secondMean = second.mean();
        first.merge(second);
        first.merge(new RunningMoments(2));

        assertEquals(20, first.count());
        assertArrayEquals(whole.mean(), first.mean(), 1e-15);
        assertArrayEquals(whole.variance(), first.variance(), 1e-14);
        assertEquals(7, second.count());
        assertArrayEquals(secondMean, second.mean());
    }

    @Test
    void mergingIntoAnEmptyTotalCopiesIt() {
        RunningMoments some = new RunningMoments(1);
        some.add(new float[] {2, 4}, 2);
        RunningMoments empty = new RunningMoments(1);
        empty.merge(some);

        assertEquals(3, empty.mean()[0]);
        assertEquals(1, empty.variance()[0]);
    }

    @Test
    void valuesBehindTheGivenRowsAreNotRead() {
        RunningMoments moments = new RunningMoments(1);
        moments.add(new float[] {5, Float.NaN}, 1);
        moments.add(new float[] {Float.NaN}, 0);

        assertEquals(5, moments.mean()[0]);
        assertEquals(0, moments.variance()[0]);
    }

    @Test
    void wrongSizesAndEmptyTotalsAreRefused() {
        RunningMoments moments = new RunningMoments(2);

        assertEquals("width: expected 1 or more, got 0", message(() -> new RunningMoments(0)));
        assertEquals("rows: expected 2 rows of 2 values, got 3 values", message(() -> moments.add(new float[3], 2)));
        assertEquals("rows: expected -1 rows of 2 values, got 3 values", message(() -> moments.add(new float[3], -1)));
        assertEquals("moments: expected width 2, got 3", message(() -> moments.merge(new RunningMoments(3))));
        assertEquals(
                "moments: expected 1 row or more, got 0; add rows first",
                assertThrows(IllegalStateException.class, moments::mean).getMessage());
        assertThrows(IllegalStateException.class, moments::variance);
    }

    private static String message(Runnable action) {
        return assertThrows(IllegalArgumentException.class, action::run).getMessage();
    }

    static double mean(float[] rows, int width, int column) {
        double sum = 0;
        for (int i = column; i < rows.length; i += width) {
            sum += rows[i];
        }
        return sum * width / rows.length;
    }

    private static double variance(float[] rows, int width, int column) {
        double mean = mean(rows, width, column);
        double sum = 0;
        for (int i = column; i < rows.length; i += width) {
            sum += (rows[i] - mean) * (rows[i] - mean);
        }
        return sum * width / rows.length;
    }
}
