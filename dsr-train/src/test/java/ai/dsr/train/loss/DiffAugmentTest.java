// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class DiffAugmentTest {
    private static final float[] NONE = {1, 1, 1};

    private static NDArray ramp(NDManager manager) {
        return manager.arange(16f).reshape(1, 1, 4, 4);
    }

    /** Values of one sample: shifts, brightness, saturation and contrast that change nothing, places of the cut-out. */
    private static float[][] values(float ty, float tx, float oy, float ox) {
        return new float[][] {{ty}, {tx}, {0.5f}, {0.5f}, {0.5f}, {oy}, {ox}};
    }

    @Test
    void probabilityZeroIsTheIdentityWithoutDraws(NDManager manager) {
        NDArray x = ramp(manager);
        assertSame(x, DiffAugment.NONE.apply(x, new DiffAugment.Draws(NONE, null)));
    }

    @Test
    void gatesThatAreOffChangeNothing(NDManager manager) {
        NDArray x = ramp(manager);
        DiffAugment augment = new DiffAugment(0.5, 0.5);
        assertSame(x, augment.apply(x, new DiffAugment.Draws(new float[] {0.6f, 0.7f, 0.8f}, null)));
    }

    @Test
    void translationMovesByAnEighthAtMostAndFillsWithZeros(NDManager manager) {
        NDArray x = manager.ones(new Shape(1, 1, 8, 16));
        float[] gates = {0, 1, 1};
        NDArray moved = new DiffAugment(0.5, 0).apply(x, new DiffAugment.Draws(gates, values(0.99f, 0, 0, 0)));
        // One row up: the last is new. Two columns to the right: the first two are new.
        assertEquals(7 * 14, moved.sum().toFloatArray()[0]);
        assertEquals(0, moved.get(0, 0, 7, 8).toFloatArray()[0]);
        assertEquals(0, moved.get(0, 0, 3, 1).toFloatArray()[0]);
        assertEquals(1, moved.get(0, 0, 6, 2).toFloatArray()[0]);
    }

    @Test
    void coloursOfNeutralDrawsStayAndBrightnessIsAdded(NDManager manager) {
        NDArray x = ramp(manager);
        float[] gates = {1, 0, 1};
        NDArray same = new DiffAugment(0.5, 0).apply(x, new DiffAugment.Draws(gates, values(0, 0, 0, 0)));
        assertArrayEquals(x.toFloatArray(), same.toFloatArray(), 1e-5f);
        float[][] bright = values(0, 0, 0, 0);
        bright[2][0] = 0.75f;
        NDArray brighter = new DiffAugment(0.5, 0).apply(x, new DiffAugment.Draws(gates, bright));
        assertArrayEquals(x.add(0.25f).toFloatArray(), brighter.toFloatArray(), 1e-5f);
    }

    @Test
    void cutOutBlanksARectangleThatMayReachOutOfTheImage(NDManager manager) {
        NDArray x = manager.ones(new Shape(1, 2, 4, 4));
        DiffAugment.Draws corner = new DiffAugment.Draws(new float[] {1, 1, 0}, values(0, 0, 0, 0));
        NDArray cut = new DiffAugment(0.5, 0.5).apply(x, corner);
        assertEquals(2 * 15, cut.sum().toFloatArray()[0]); // rows and columns -1 and 0
        assertEquals(0, cut.get(0, 1, 0, 0).toFloatArray()[0]);
        assertSame(x, new DiffAugment(-0.5, 0.5).apply(x, corner));
    }

    @Test
    void blurKeepsAPlaneAndSoftensAnEdge(NDManager manager) {
        DiffAugment.Draws draws = new DiffAugment.Draws(NONE, null);
        DiffAugment augment = new DiffAugment(0.5, 0);
        NDArray plane = manager.ones(new Shape(1, 1, 8, 8));
        assertArrayEquals(plane.toFloatArray(), augment.apply(plane, draws, 0.3).toFloatArray(), 1e-6f);
        NDArray edge = manager.arange(8f).gte(4).toType(DataType.FLOAT32, false).reshape(1, 1, 1, 8);
        NDArray soft = augment.apply(edge.broadcast(new Shape(1, 1, 8, 8)), draws, 0.3);
        float middle = soft.get(0, 0, 3, 3).toFloatArray()[0];
        assertEquals(true, middle > 0 && middle < 0.5, Float.toString(middle));
        assertSame(plane, augment.apply(plane, draws, 0.1)); // a radius below one pixel
    }

    @Test
    void sharesOutOfRangeAreRefused() {
        assertEquals(
                "prob: expected a number in [-1, 1], got 1.5",
                assertThrows(IllegalArgumentException.class, () -> new DiffAugment(1.5, 0))
                        .getMessage());
        assertEquals(
                "cutout: expected a share in [0, 1], got -0.1",
                assertThrows(IllegalArgumentException.class, () -> new DiffAugment(1, -0.1))
                        .getMessage());
    }
}
