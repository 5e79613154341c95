// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ImageQualityTest {
    private static final Shape SHAPE = new Shape(2, 3, 12, 16);

    private static NDArray constant(NDManager manager, double value) {
        return manager.full(SHAPE, (float) value);
    }

    @Test
    void aKnownErrorGivesAKnownFigure(NDManager manager) {
        NDArray a = constant(manager, 0.5);
        NDArray b = constant(manager, 0.6);
        assertArrayEquals(new double[] {20, 20}, ImageQuality.psnrEach(b, a), 1e-5);
        assertArrayEquals(new double[] {0.1, 0.1}, ImageQuality.l1Each(b, a), 1e-7);
        // two flat images: only the means differ
        double expected = (2 * 0.5 * 0.6 + 1e-4) / (0.25 + 0.36 + 1e-4);
        assertArrayEquals(new double[] {expected, expected}, ImageQuality.ssimEach(b, a, false), 1e-6);
        assertEquals(20, ImageQuality.psnr(b, a), 1e-5);
    }

    @Test
    void equalImagesAreAtTheCeiling(NDManager manager) {
        NDArray x = manager.create(SeedTree.of(1).stream().normals((int) SHAPE.size()), SHAPE)
                .clip(0, 1);
        assertArrayEquals(new double[] {100, 100}, ImageQuality.psnrEach(x, x), 1e-12);
        assertArrayEquals(new double[] {0, 0}, ImageQuality.l1Each(x, x));
        assertArrayEquals(new double[] {1, 1}, ImageQuality.ssimEach(x, x, true), 1e-12);
    }

    @Test
    void whatADecoderDrawsOutsideTheRangeIsClamped(NDManager manager) {
        assertArrayEquals(
                new double[] {100, 100}, ImageQuality.psnrEach(constant(manager, 1.7), constant(manager, 1)), 1e-12);
    }

    @Test
    void croppingLeavesTheBorderOut(NDManager manager) {
        NDArray a = constant(manager, 0.5);
        NDArray b = a.duplicate();
        b.set(new ai.djl.ndarray.index.NDIndex(":, :, 0, 0"), 1); // the corner alone differs
        double whole = ImageQuality.ssimEach(b, a, false)[0];
        double inner = ImageQuality.ssimEach(b, a, true)[0];
        assertTrue(whole < 1 && inner > whole, whole + " and " + inner);
    }

    @Test
    void smallImagesAreRefused(NDManager manager) {
        NDArray x = manager.zeros(new Shape(1, 3, 5, 9));
        assertEquals(
                "ssim: expected images with sides above 5, got 5x9",
                assertThrows(IllegalArgumentException.class, () -> ImageQuality.ssimEach(x, x, false))
                        .getMessage());
        assertThrows(
                IllegalArgumentException.class,
                () -> ImageQuality.ssimEach(
                        manager.zeros(new Shape(1, 3, 9, 9)), manager.zeros(new Shape(1, 3, 9, 9)), true));
    }

    @Test
    void bytesOfNothingButZeroAndOneCountAsScaled(NDManager manager) {
        NDArray dark = manager.ones(new Shape(1, 2, 2, 3), DataType.UINT8);
        assertEquals(1, ImageQuality.guessRange(dark).max().getFloat());
        NDArray lighter = dark.add(dark);
        assertEquals(2 / 255f, ImageQuality.guessRange(lighter).max().getFloat());
    }
}
