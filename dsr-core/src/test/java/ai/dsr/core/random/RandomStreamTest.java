// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.testkit.Seeded;
import org.junit.jupiter.api.Test;

final class RandomStreamTest {
    /** First outputs of the published SplitMix64 generator from state 1234567. */
    private static final long[] SPLIT_MIX = {
        6457827717110365317L,
        3203168211198807973L,
        Long.parseUnsignedLong("9817491932198370423"),
        4593380528125082431L,
        Long.parseUnsignedLong("16408922859458223821")
    };

    @Test
    void bitsAreThoseOfSplitMix64() {
        RandomStream stream = new RandomStream(1234567);
        for (long expected : SPLIT_MIX) {
            assertEquals(expected, stream.nextLong());
        }
    }

    @Test
    void uniformsAreTheUpperBitsOfTheOutputs() {
        RandomStream wide = new RandomStream(1234567);
        RandomStream narrow = new RandomStream(1234567);
        for (long bits : SPLIT_MIX) {
            assertEquals((bits >>> 11) / 0x1.0p53, wide.nextUniform());
            assertEquals((bits >>> 40) / 0x1.0p24f, narrow.nextUniformFloat());
        }
    }

    @Test
    void wholeNumbersAreTheUpperHalfOfTheProductWithTheBound() {
        RandomStream stream = new RandomStream(1234567);
        for (long bits : SPLIT_MIX) {
            long expected = (long) (((bits >>> 11) / 0x1.0p53) * 1000);
            assertEquals(expected, stream.nextInt(1000));
        }
    }

    @Seeded(5)
    void uniformsFillTheUnitIntervalEvenly(long seed) {
        RandomStream stream = SeedTree.of(seed).stream();
        int n = 20_000;
        double sum = 0;
        double squares = 0;
        for (int i = 0; i < n; i++) {
            double u = stream.nextUniform();
            assertTrue(u >= 0 && u < 1, () -> "uniform " + u);
            sum += u;
            squares += u * u;
        }
        assertEquals(0.5, sum / n, 0.01); // five standard errors
        assertEquals(1.0 / 3, squares / n, 0.011);
    }

    @Seeded(5)
    void normalsHaveTheMomentsOfTheStandardNormal(long seed) {
        int n = 20_000;
        double sum = 0;
        double squares = 0;
        double fourths = 0;
        for (float z : SeedTree.of(seed).stream().normals(n)) {
            sum += z;
            squares += (double) z * z;
            fourths += (double) z * z * z * z;
        }
        assertEquals(0, sum / n, 0.036); // five standard errors
        assertEquals(1, squares / n, 0.05);
        assertEquals(3, fourths / n, 0.35);
    }

    @Test
    void wholeNumbersStayBelowTheirBoundAndReachEveryValue() {
        RandomStream stream = SeedTree.of(1).stream();
        int[] seen = new int[7];
        for (int i = 0; i < 7000; i++) {
            seen[stream.nextInt(7)]++;
        }
        for (int count : seen) {
            assertEquals(1000, count, 150);
        }
        for (int i = 0; i < 100; i++) {
            assertEquals(0, stream.nextInt(1));
            assertTrue(stream.nextInt(Integer.MAX_VALUE) >= 0);
        }
    }

    @Test
    void aBoundBelowOneIsRefused() {
        RandomStream stream = SeedTree.of(1).stream();
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> stream.nextInt(0));
        assertEquals("bound: expected 1 or more, got 0", error.getMessage());
    }

    @Test
    void fillingAPartDrawsTheSameNumbersAndLeavesTheRest() {
        float[] all = new float[10];
        RandomStream stream = SeedTree.of(4).stream();
        stream.fillNormal(all, 3, 2);
        stream.fillNormal(all, 5, 2);
        float[] expected = SeedTree.of(4).stream().normals(4);

        assertArrayEquals(new float[] {0, 0, 0, expected[0], expected[1], expected[2], expected[3], 0, 0, 0}, all);
    }

    @Test
    void theNormalQuantileHasItsTabulatedValues() {
        assertEquals(0, NormalQuantile.of(0.5));
        assertEquals(1.959963984540054, NormalQuantile.of(0.975), 1e-15);
        assertEquals(-0.5244005127080407, NormalQuantile.of(0.3), 1e-15);
        assertEquals(3.7190164854557084, NormalQuantile.of(0.9999), 1e-14);
        assertEquals(-6.361340902404056, NormalQuantile.of(1e-10), 1e-14);
        assertEquals(-37.0470962993612, NormalQuantile.of(1e-300), 1e-12);
        assertEquals(NormalQuantile.of(0.125), -NormalQuantile.of(0.875), 1e-15);
    }
}
