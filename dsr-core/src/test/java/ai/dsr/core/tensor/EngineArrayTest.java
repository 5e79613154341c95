// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.tensor;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.testkit.LeakCheck;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class EngineArrayTest {
    private static final int SIZE = 4096;

    @Test
    void everyTypeKeepsItsValues(NDManager manager) {
        assertArrayEquals(
                new float[] {1.5f, -2}, EngineArray.of(manager, 1.5f, -2f).toFloatArray());
        assertArrayEquals(
                new double[] {1.5, -2}, EngineArray.of(manager, 1.5, -2.0).toDoubleArray());
        assertArrayEquals(new long[] {7, -8}, EngineArray.of(manager, 7L, -8L).toLongArray());
        assertArrayEquals(
                new boolean[] {true, false},
                EngineArray.of(manager, true, false).toBooleanArray());
        assertEquals(0.1, EngineArray.scalar(manager, 0.1).getDouble());
        assertEquals(3, EngineArray.scalar(manager, 3).getInt());
        assertEquals(new Shape(), EngineArray.scalar(manager, 3).getShape());
        NDArray bytes = EngineArray.of(manager, new byte[] {1, (byte) 255}, new Shape(2, 1));
        assertEquals(DataType.UINT8, bytes.getDataType());
        assertEquals(255, bytes.getUint8(1, 0));
        NDArray table = EngineArray.of(manager, new float[] {1, 2, 3, 4}, new Shape(2, 2));
        assertEquals(3, table.getFloat(1, 0));
    }

    @Test
    void nothingIsAlsoAnArray(NDManager manager) {
        assertEquals(new Shape(0), EngineArray.of(manager, new long[0]).getShape());
        assertEquals(0, EngineArray.of(manager, new float[0], new Shape(0, 4)).toFloatArray().length);
    }

    @Test
    void valuesThatDoNotFitTheShapeAreRefused(NDManager manager) {
        IllegalArgumentException e = assertThrows(
                IllegalArgumentException.class, () -> EngineArray.of(manager, new float[3], new Shape(2, 2)));
        assertEquals("values: expected 4 for shape (2, 2), got 3", e.getMessage());
    }

    @Test
    void laterChangesOfTheValuesDoNotMatter(NDManager manager) {
        float[] values = {1, 2};
        NDArray array = EngineArray.of(manager, values);
        values[0] = 9;
        assertEquals(1, array.getFloat(0));
    }

    /** With {@code manager.create(values)} in the place of {@code EngineArray.of} this fails. */
    @Test
    void aViewOutlivesTheArrayAndItsScope(NDManager manager) {
        List<NDArray> kept = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            try (TensorScope scope = TensorScope.under(manager)) {
                NDArray made = EngineArray.of(scope.manager(), filled(i), new Shape(SIZE));
                kept.add(scope.keep(made.reshape(64, 64).transpose(1, 0)));
            }
        }
        collectGarbage();
        for (int i = 0; i < kept.size(); i++) {
            assertArrayEquals(filled(i), kept.get(i).toFloatArray());
        }
    }

    /** What a recording keeps for the way back may be closed before it. */
    @Test
    void aRecordingOutlivesTheArrayToo(NDManager manager) {
        NDArray weight = manager.ones(new Shape(SIZE));
        weight.setRequiresGradient(true);
        try (Autograd tape = Autograd.record()) {
            NDArray loss;
            try (TensorScope scope = TensorScope.under(manager)) {
                loss = scope.keep(weight.mul(EngineArray.of(scope.manager(), filled(5), new Shape(SIZE)))
                        .sum());
            }
            collectGarbage();
            assertArrayEquals(
                    filled(5), tape.gradients(loss, new NDList(weight)).get(0).toFloatArray());
        }
    }

    private static float[] filled(float value) {
        float[] values = new float[SIZE];
        Arrays.fill(values, value + 1);
        return values;
    }

    /** Frees the buffers that nobody holds, and writes over them. */
    static void collectGarbage() {
        List<ByteBuffer> others = new ArrayList<>();
        for (int round = 0; round < 3; round++) {
            System.gc();
            for (int i = 0; i < 64; i++) {
                ByteBuffer other = ByteBuffer.allocateDirect(4 * SIZE);
                while (other.hasRemaining()) {
                    other.putFloat(-77);
                }
                others.add(other);
            }
        }
        assertEquals(3 * 64, others.size());
    }
}
