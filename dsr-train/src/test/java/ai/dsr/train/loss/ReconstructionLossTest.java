// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ReconstructionLossTest {
    private static final int PLANES = 2 * 3;
    private static final int ROWS = 3;
    private static final int COLUMNS = 4;
    private static final Shape SHAPE = new Shape(2, 3, ROWS, COLUMNS);

    private final float[] got = SeedTree.of(1).stream().normals(PLANES * ROWS * COLUMNS);
    private final float[] want = SeedTree.of(2).stream().normals(PLANES * ROWS * COLUMNS);
    private final double[] gradient = new double[got.length];

    @Test
    void valueAndGradientFollowTheFormula(NDManager manager) {
        for (double weight : new double[] {0, 0.5}) {
            NDArray x = manager.create(got, SHAPE);
            x.setRequiresGradient(true);
            double expected = formula(weight);
            try (Autograd tape = Autograd.record()) {
                NDArray loss = new ReconstructionLoss(weight).apply(x, manager.create(want, SHAPE));
                assertEquals(expected, loss.toFloatArray()[0], 1e-6);
                float[] slopes = tape.gradients(loss, new NDList(x)).get(0).toFloatArray();
                double[] wide = new double[slopes.length];
                for (int i = 0; i < wide.length; i++) {
                    wide[i] = slopes[i];
                }
                assertArrayEquals(gradient, wide, 1e-6);
            }
        }
    }

    /** The loss pixel by pixel; fills {@link #gradient}. */
    private double formula(double weight) {
        java.util.Arrays.fill(gradient, 0);
        double loss = 0;
        for (int i = 0; i < got.length; i++) {
            int row = i / COLUMNS % ROWS;
            int column = i % COLUMNS;
            loss += term(i, -1, 1.0 / got.length);
            if (row + 1 < ROWS) {
                loss += term(i + COLUMNS, i, weight / (PLANES * (ROWS - 1) * COLUMNS));
            }
            if (column + 1 < COLUMNS) {
                loss += term(i + 1, i, weight / (PLANES * ROWS * (COLUMNS - 1)));
            }
        }
        return loss;
    }

    private double term(int i, int minus, double share) {
        double value = (double) got[i] - want[i] - (minus < 0 ? 0 : (double) got[minus] - want[minus]);
        gradient[i] += Math.signum(value) * share;
        if (minus >= 0) {
            gradient[minus] -= Math.signum(value) * share;
        }
        return Math.abs(value) * share;
    }

    @Test
    void equalImagesCostNothing(NDManager manager) {
        NDArray x = manager.create(got, SHAPE);
        assertEquals(0f, new ReconstructionLoss(1).apply(x, x).toFloatArray()[0]);
    }

    @Test
    void aNegativeWeightIsRefused() {
        IllegalArgumentException error = assertThrows(IllegalArgumentException.class, () -> new ReconstructionLoss(-1));
        assertEquals("gradient_weight: expected 0 or more, got -1.0", error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> new ReconstructionLoss(Double.NaN));
    }
}
