// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.RegisterKernels.Fill;
import ai.dsr.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Small numbers that can be followed by hand. */
@ExtendWith(LeakCheck.class)
final class RegisterKernelsTest {
    /** Five rows of three neurons: one kept, three ordinary, one register. Neuron 1 is never moved. */
    private static final float[] ROWS = {
        9, 1, -1,
        1, 1, 2,
        2, 1, -10,
        6, 1, 5,
        0, 1, 0
    };

    private static float[] moved(NDManager manager, Fill fill, float[] scales, int kept, boolean isSequential) {
        NDArray a = manager.create(ROWS, new Shape(1, 5, 3));
        NDArray neurons = manager.create(new long[] {0, 2});
        return RegisterKernels.moveToRegisters(a, neurons, manager.create(scales), kept, fill, isSequential)
                .toFloatArray();
    }

    @Test
    void thePeakKeepsItsSignAndIsOneNumberForAllNeurons(NDManager manager) {
        float[] expected = {9, 1, -1, 1, 1, 2, 2, 1, -10, 6, 1, 5, -20, 1, -20};
        assertArrayEquals(expected, moved(manager, Fill.SAME, new float[] {2}, 1, false));
    }

    @Test
    void ordinaryRowsAreZeroed(NDManager manager) {
        float[] expected = {9, 1, -1, 0, 1, 0, 0, 1, 0, 0, 1, 0, -10, 1, -10};
        assertArrayEquals(expected, moved(manager, Fill.ZERO, new float[] {1}, 1, false));
        float[] all = {0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1, 0, -10, 1, -10};
        assertArrayEquals(all, moved(manager, Fill.ZERO, new float[] {1}, 0, false));
    }

    @Test
    void ordinaryRowsTakeTheirMean(NDManager manager) {
        float[] expected = {9, 1, -1, 3, 1, -1, 3, 1, -1, 3, 1, -1, -10, 1, -10};
        assertArrayEquals(expected, moved(manager, Fill.MEAN, new float[] {1}, 1, false));
    }

    @Test
    void onlyValuesAboveMeanPlusDeviationAreReplaced(NDManager manager) {
        // Neuron 0: mean 3, deviation sqrt(7); neuron 2: mean -1, deviation 7.9. Only the 6 lies above.
        float[] expected = {9, 1, -1, 1, 1, 2, 2, 1, -10, 3, 1, 5, -10, 1, -10};
        assertArrayEquals(expected, moved(manager, Fill.ONLY_OUTLIERS, new float[] {1}, 1, false));
    }

    @Test
    void inSequenceARegisterSeesThoseBeforeIt(NDManager manager) {
        float[] at = {2, 3};
        float[] together = moved(manager, Fill.SAME, at, 1, false);
        assertEquals(-20, together[9]);
        assertEquals(-30, together[12]);
        float[] inTurn = moved(manager, Fill.SAME, at, 1, true);
        assertEquals(-20, inTurn[9]);
        assertEquals(-60, inTurn[12]);
    }

    @Test
    void aTieTakesTheNegativeValue(NDManager manager) {
        NDArray a = manager.create(new float[] {4, -4, 0}, new Shape(1, 3, 1));
        NDArray moved = RegisterKernels.moveToRegisters(
                a, manager.create(new long[] {0}), manager.create(new float[] {1}), 1, Fill.ZERO, false);
        assertArrayEquals(new float[] {4, 0, -4}, moved.toFloatArray());
    }

    @Test
    void moreRegistersThanRowsAreRefused(NDManager manager) {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> moved(manager, Fill.ZERO, new float[6], 1, false))
                .getMessage();
        assertEquals("scales: expected 1 to 5 registers for as many rows, got 6", message);
    }

    @Test
    void equalActivationsHaveScoresEqualToTheBit(NDManager manager) {
        int neurons = 1037; // no multiple of any vector width
        NDArray column = manager.randomNormal(new Shape(61, 1));
        NDArray a = column.broadcast(61, neurons);
        NDArray rows = manager.create(new long[] {0, 1, 5, 7, 11, 12, 33, 40, 41, 42, 43, 60});
        double[] scores = RegisterKernels.meanMagnitude(a, rows).toDoubleArray();
        double expected = column.get(rows).abs().mean().getFloat();
        assertEquals(expected, scores[0], 1e-6);
        for (double score : scores) {
            assertEquals(Double.doubleToRawLongBits(scores[0]), Double.doubleToRawLongBits(score));
        }
    }

    @Test
    void onlyMostlySilentNeuronsKeepTheirScore(NDManager manager) {
        NDArray a = manager.create(new float[] {0, 3, -9, 3, 0.4f, 0}, new Shape(3, 2)); // below 0.5: three, one
        NDArray scores = manager.create(new double[] {7, 8});
        assertArrayEquals(
                new double[] {7, 0},
                RegisterKernels.sparseOnly(scores, a, 0.5, 0.5 * 3).toDoubleArray());
        assertArrayEquals(
                new double[] {7, 8},
                RegisterKernels.sparseOnly(scores, a, 0.5, 1).toDoubleArray());
    }

    @Test
    void theMeanRowStandsFirst(NDManager manager) {
        NDArray x = manager.create(new float[] {1, 2, 3, 6}, new Shape(1, 2, 2));
        assertArrayEquals(
                new float[] {2, 4, 1, 2, 3, 6}, RegisterKernels.prependMean(x).toFloatArray());
    }

    @Test
    void theMedianIsTheMeanOfTheTwoMiddleValues(NDManager manager) {
        NDArray x = manager.create(new float[] {4, 1, 3, 9, 0, 5, 7, 6}, new Shape(2, 4));
        assertArrayEquals(new float[] {3.5f, 5.5f}, RegisterKernels.median(x).toFloatArray());
        assertEquals(3, RegisterKernels.median(x.get("0, :3")).getFloat());
    }
}
