// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class VisionKernelsTest {
    @Test
    void aQuarterTurnSwapsTheHalvesOfTheChosenRows(NDManager manager) {
        NDArray x = manager.create(new float[] {1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4}, new Shape(1, 3, 4));
        NDArray cos = manager.zeros(new Shape(1, 1));
        NDArray sin = manager.ones(new Shape(1, 1));
        NDArray turned = VisionKernels.rotateHalves(x, cos, sin, 2, 1); // two heads of two channels, row 1 only
        float[] expected = {1, 2, 3, 4, -2, 1, -4, 3, 1, 2, 3, 4};
        TensorAssert.assertSame(manager.create(expected, new Shape(1, 3, 4)), turned);
    }

    @Test
    void weightsTimesValuesAreTheFusedAttention(NDManager manager) {
        NDArray q = manager.randomNormal(new Shape(2, 5, 12));
        NDArray k = manager.randomNormal(new Shape(2, 7, 12));
        NDArray v = manager.randomNormal(new Shape(2, 7, 12));
        NDArray weights = VisionKernels.attentionPattern(q, k, 3);
        assertEquals(new Shape(2, 3, 5, 7), weights.getShape());
        NDArray heads = v.reshape(2, 7, 3, 4).transpose(0, 2, 1, 3);
        NDArray joined = weights.matMul(heads).transpose(0, 2, 1, 3).reshape(2, 5, 12);
        TensorAssert.assertClose(Kernels.attention(q, k, v, 3), joined, 1e-6, 1e-5);
    }

    @Test
    void aTableMayComeWithoutItsLeadingAxis(NDManager manager) {
        NDArray table = manager.randomNormal(new Shape(9, 4));
        NDArray flat = ImageKernels.resizePositions(manager.zeros(new Shape(1)), table, 0, 3, 2, 4, false);
        NDArray full =
                ImageKernels.resizePositions(manager.zeros(new Shape(1)), table.reshape(1, 9, 4), 0, 3, 2, 4, false);
        assertEquals(new Shape(1, 8, 4), flat.getShape());
        TensorAssert.assertSame(full, flat);
    }
}
