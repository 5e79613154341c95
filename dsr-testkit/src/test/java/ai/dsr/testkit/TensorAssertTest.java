// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class TensorAssertTest {
    private static final float INFINITY = Float.POSITIVE_INFINITY;

    @Test
    void theAllowedErrorIsAbsolutePlusRelativeToTheExpectedValue(NDManager manager) {
        NDArray want = manager.create(new double[] {100, -200});
        assertClose(want, manager.create(new double[] {101.4, -202.4}), 0.5, 0.01);
        assertFails(want, manager.create(new double[] {101.6, -200}), 0.5, 0.01);
        assertFails(want, manager.create(new double[] {100, -202.6}), 0.5, 0.01);
    }

    @Test
    void theMessageNamesTheWorstElementAndItsIndex(NDManager manager) {
        NDArray want = manager.zeros(new Shape(2, 2, 3));
        NDArray got = want.add(0);
        got.set(new NDIndex(1, 0, 2), 3);
        got.set(new NDIndex(0, 1, 1), -2);
        String message = assertFails(want, got, 0.5, 0);
        assertTrue(
                message.contains("got 3.0 at [1, 0, 2]; 2 of 12 values are outside, the worst by 6.000 tolerances"),
                message);
    }

    @Test
    void nanPassesOnlyAgainstNanAndInfinityOnlyAgainstItself(NDManager manager) {
        NDArray want = manager.create(new float[] {1, Float.NaN, INFINITY, -INFINITY});
        assertClose(want, manager.create(new float[] {1, Float.NaN, INFINITY, -INFINITY}), 0, 0);
        for (double rtol : new double[] {0, 0.1}) {
            assertFails(want, manager.create(new float[] {Float.NaN, Float.NaN, INFINITY, -INFINITY}), 1, rtol);
            assertFails(want, manager.create(new float[] {1, 1, INFINITY, -INFINITY}), 1, rtol);
            assertFails(want, manager.create(new float[] {1, Float.NaN, -INFINITY, -INFINITY}), 1, rtol);
            assertFails(want, manager.create(new float[] {1, Float.NaN, 1, -INFINITY}), 1, rtol);
            assertFails(want, manager.create(new float[] {INFINITY, Float.NaN, INFINITY, -INFINITY}), 1, rtol);
        }
    }

    @Test
    void largeIntegersAreComparedExactly(NDManager manager) {
        long large = (1L << 53) + 1;
        NDArray want = manager.create(new long[] {large});
        assertClose(want, manager.create(new long[] {large}), 0, 0);
        assertFails(want, manager.create(new long[] {large - 1}), 0, 0);
    }

    @Test
    void typesOfOneClassAreComparableAndOthersAreNot(NDManager manager) {
        NDArray floats = manager.create(new float[] {0, 1});
        NDArray booleans = manager.create(new boolean[] {false, true});
        assertClose(floats, floats.toType(DataType.FLOAT16, true), 0, 0);
        assertClose(manager.create(new int[] {3}), manager.create(new long[] {3}), 0, 0);
        assertClose(booleans, manager.create(new boolean[] {false, true}), 0, 0);
        assertFails(booleans, manager.create(new boolean[] {true, true}), 0, 0);
        assertFails(booleans, floats, 0, 0);
        assertFails(floats, manager.create(new int[] {0, 1}), 0, 0);
    }

    @Test
    void scalarsAndEmptyTensorsAreTensors(NDManager manager) {
        assertClose(manager.create(2.5), manager.create(2.5), 0, 0);
        assertTrue(assertFails(manager.create(2.5), manager.create(2.0), 0, 0).contains("at []"));
        assertClose(manager.create(new Shape(0, 3)), manager.create(new Shape(0, 3)), 0, 0);
        assertFails(manager.create(new Shape(0, 3)), manager.create(new Shape(3, 0)), 0, 0);
    }

    @Test
    void cappedManagersCanBeCompared(NDManager manager) {
        NDArray weights = manager.create(new float[] {1, 2});
        manager.cap();
        TensorAssert.assertSame(weights, weights);
        assertEquals(1, manager.getManagedArrays().size());
    }

    @Test
    void aNegativeToleranceIsRefused() {
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> new Tolerance(-1, 0));
        assertTrue(error.getMessage().contains("got -1.0 and 0.0"), error.getMessage());
    }

    private static void assertClose(NDArray want, NDArray got, double atol, double rtol) {
        assertDoesNotThrow(() -> TensorAssert.assertClose(want, got, atol, rtol));
    }

    private static String assertFails(NDArray want, NDArray got, double atol, double rtol) {
        return assertThrows(AssertionError.class, () -> TensorAssert.assertClose(want, got, atol, rtol))
                .getMessage();
    }
}
