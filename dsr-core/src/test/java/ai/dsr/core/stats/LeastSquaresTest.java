// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class LeastSquaresTest {
    @Test
    void theSolutionOfARegularSystemIsFound() {
        double[][] gram = {{4, 1, 0}, {1, 3, 1}, {0, 1, 2}};
        double[] x = {1, -2, 0.5};
        double[] b = {4 - 2, 1 - 6 + 0.5, -2 + 1};
        assertArrayEquals(x, LeastSquares.solve(gram, b), 1e-12);
    }

    @Test
    void equalVectorsShareTheirCoefficient() {
        assertArrayEquals(
                new double[] {1.5, 1.5},
                LeastSquares.solve(new double[][] {{2, 2}, {2, 2}}, new double[] {6, 6}),
                1e-12);
    }

    @Test
    void anotherShapeIsRefused() {
        assertEquals(
                "gram: expected 2 x 2 inner products, got another shape",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> LeastSquares.solve(new double[][] {{1, 2}}, new double[2]))
                        .getMessage());
    }
}
