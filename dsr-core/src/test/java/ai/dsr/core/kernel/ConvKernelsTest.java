// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

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
class ConvKernelsTest {
    private static NDArray normals(NDManager manager, long seed, long... shape) {
        Shape s = new Shape(shape);
        return manager.create(SeedTree.of(seed).stream().normals((int) s.size()), s);
    }

    @Test
    void aBlockIsConvolutionThenNormThenRelu(NDManager manager) {
        NDArray x = normals(manager, 1, 2, 3, 5, 6);
        NDArray w = normals(manager, 2, 4, 3, 1, 1);
        NDArray[] norm = {
            normals(manager, 3, 4),
            normals(manager, 4, 4),
            normals(manager, 5, 4),
            normals(manager, 6, 4).square().add(0.5)
        };
        NDArray got = ConvKernels.convNormRelu(x, w, norm, 1e-3, 1, 0, 0);
        NDArray plain = x.transpose(0, 2, 3, 1).matMul(w.reshape(4, 3).transpose()); // a 1 x 1 kernel is a matrix
        NDArray want =
                plain.sub(norm[2]).div(norm[3].add(1e-3).sqrt()).mul(norm[0]).add(norm[1]);
        want = want.maximum(0).transpose(0, 3, 1, 2);
        assertEquals(new Shape(2, 4, 5, 6), got.getShape());
        assertTrue(got.sub(want).abs().max().getFloat() < 1e-5f);
    }

    @Test
    void aKernelOfOneTapShiftsTheImage(NDManager manager) {
        NDArray x = manager.arange(1f, 7f).reshape(1, 1, 2, 3);
        float[] tap = new float[9];
        tap[2] = 1; // above and to the right
        NDArray shifted = ConvKernels.conv3Relu(
                x, manager.create(tap, new Shape(1, 1, 3, 3)), manager.create(new float[] {-1.5f}));
        assertArrayEquals(new float[] {0, 0, 0, 0.5f, 1.5f, 0}, shifted.toFloatArray());
    }

    @Test
    void poolsOfTwoLeaveAnOddEdgeOut(NDManager manager) {
        NDArray x = manager.arange(15f).reshape(1, 1, 3, 5);
        assertArrayEquals(new float[] {6, 8}, ConvKernels.maxPool2(x).toFloatArray());
    }

    @Test
    void stridesAndPaddingDecideTheSize(NDManager manager) {
        NDArray x = normals(manager, 1, 1, 2, 9, 8);
        NDArray[] norm = {
            manager.ones(new Shape(3)),
            manager.zeros(new Shape(3)),
            manager.zeros(new Shape(3)),
            manager.ones(new Shape(3))
        };
        NDArray y = ConvKernels.convNormRelu(x, normals(manager, 2, 3, 2, 1, 7), norm, 1e-3, 2, 0, 3);
        assertEquals(new Shape(1, 3, 5, 4), y.getShape());
        assertEquals(new Shape(1, 2, 4, 3), ConvKernels.maxPool3(x, 2, 0).getShape());
    }

    @Test
    void averagesCountOnlyPixelsInsideTheImage(NDManager manager) {
        NDArray x = manager.create(new float[] {1, 2, 3, 4}, new Shape(1, 1, 2, 2));
        assertArrayEquals(
                new float[] {2.5f, 2.5f, 2.5f, 2.5f},
                ConvKernels.averagePool3(x).toFloatArray());
        NDArray ones = manager.ones(new Shape(1, 1, 4, 5));
        assertEquals(ones, ConvKernels.averagePool3(ones));
        NDArray negative = ones.neg();
        assertEquals(negative, ConvKernels.maxPool3(negative, 1, 1)); // padding never wins
    }

    @Test
    void theLegacyResizeTakesSamplesFromTheirLeft(NDManager manager) {
        NDArray x = manager.create(new float[] {0, 10, 20, 30}, new Shape(1, 1, 1, 4));
        assertArrayEquals(
                new float[] {0, 5, 10, 15, 20, 25, 30, 30},
                ConvKernels.legacyBilinear(x, 1, 8).toFloatArray());
        assertArrayEquals(
                new float[] {0, 20}, ConvKernels.legacyBilinear(x, 1, 2).toFloatArray()); // no antialias
        NDArray image = normals(manager, 1, 2, 3, 7, 5);
        assertEquals(image, ConvKernels.legacyBilinear(image, 7, 5));
        NDArray turned =
                ConvKernels.legacyBilinear(image.transpose(0, 1, 3, 2), 11, 9).transpose(0, 1, 3, 2);
        assertTrue(
                ConvKernels.legacyBilinear(image, 9, 11).sub(turned).abs().max().getFloat() < 1e-5f);
    }

    @Test
    void bytesAreCutOffInTheGivenType(NDManager manager) {
        NDArray x = manager.create(new float[] {-1, 0, 0.5f, 0.999f, 1, 2, 200.6f / 255});
        assertArrayEquals(
                new byte[] {0, 0, 127, (byte) 254, (byte) 255, (byte) 255, (byte) 200},
                ConvKernels.levels(x, DataType.FLOAT32).toByteArray());
        // bfloat16 has 8 significant bits: 0.5 * 255 = 127.5 stays, 200.6 / 255 becomes 0.7852 and the product 200
        assertArrayEquals(
                new byte[] {0, 0, 127, (byte) 255, (byte) 255, (byte) 255, (byte) 200},
                ConvKernels.levels(x, DataType.BFLOAT16).toByteArray());
        assertEquals(
                "levels: expected float32 or bfloat16, got float16",
                assertThrows(IllegalArgumentException.class, () -> ConvKernels.levels(x, DataType.FLOAT16))
                        .getMessage());
    }

    @Test
    void similarityIsOneForEqualImagesAndSymmetric(NDManager manager) {
        NDArray x = normals(manager, 1, 2, 3, 12, 9).toType(DataType.FLOAT64, false);
        NDArray y = normals(manager, 2, 2, 3, 12, 9).toType(DataType.FLOAT64, false);
        NDArray window = manager.create(new double[] {0.25, 0.5, 0.25});
        NDArray same = ConvKernels.ssimMap(x, x, window, 1e-4, 9e-4);
        assertEquals(x.getShape(), same.getShape());
        assertEquals(1, same.min().getDouble(), 1e-12);
        NDArray map = ConvKernels.ssimMap(x, y, window, 1e-4, 9e-4);
        assertEquals(map, ConvKernels.ssimMap(y, x, window, 1e-4, 9e-4));
        assertTrue(map.max().getDouble() < 1);
    }
}
