// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.ReadOnlyBufferException;
import org.junit.jupiter.api.Test;

class TensorDataTest {
    /** A tensor of six small integers, valid in every type (BOOLEAN: 0 and 1). */
    static TensorData sample(DataType type) {
        ByteBuffer bytes = ByteBuffer.allocate(6 * type.getNumOfBytes()).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 6; i++) {
            switch (type) {
                case FLOAT64 -> bytes.putDouble(i - 2);
                case FLOAT32 -> bytes.putFloat(i - 2);
                case FLOAT16 -> bytes.putShort(HalfFloats.floatToHalf(i - 2));
                case BFLOAT16 -> bytes.putShort(HalfFloats.floatToBfloat(i - 2));
                case INT64 -> bytes.putLong(i - 2);
                case INT32 -> bytes.putInt(i - 2);
                case INT16 -> bytes.putShort((short) (i - 2));
                case INT8 -> bytes.put((byte) (i - 2));
                case UINT8 -> bytes.put((byte) (i + 250));
                default -> bytes.put((byte) (i % 2));
            }
        }
        return TensorData.of(type, new Shape(2, 3), bytes.flip());
    }

    static final DataType[] TYPES = {
        DataType.FLOAT64,
        DataType.FLOAT32,
        DataType.FLOAT16,
        DataType.BFLOAT16,
        DataType.INT64,
        DataType.INT32,
        DataType.INT16,
        DataType.INT8,
        DataType.UINT8,
        DataType.BOOLEAN
    };

    private static float[] expected(DataType type) {
        return switch (type) {
            case UINT8 -> new float[] {250, 251, 252, 253, 254, 255};
            case BOOLEAN -> new float[] {0, 1, 0, 1, 0, 1};
            default -> new float[] {-2, -1, 0, 1, 2, 3};
        };
    }

    @Test
    void everyTypeIsReadAsFloats() {
        for (DataType type : TYPES) {
            assertArrayEquals(expected(type), sample(type).toFloats(), type.toString());
        }
    }

    @Test
    void everyTypeReachesTheEngineAndComesBack() {
        try (NDManager manager = NDManager.newBaseManager()) {
            for (DataType type : TYPES) {
                TensorData tensor = sample(type);
                NDArray array = tensor.toArray(manager);
                DataType inEngine =
                        type == DataType.BFLOAT16 ? DataType.FLOAT32 : type == DataType.INT16 ? DataType.INT32 : type;
                assertEquals(inEngine, array.getDataType());
                assertEquals(new Shape(2, 3), array.getShape());
                assertArrayEquals(expected(type), TensorData.of(array).toFloats(), type.toString());
                NDArray floats = tensor.toArray(manager, DataType.FLOAT32);
                assertArrayEquals(expected(type), floats.toFloatArray(), type.toString());
                assertSame(manager, floats.getManager());
            }
        }
    }

    @Test
    void anArrayIsACopyOfTheTensor() {
        TensorData tensor = TensorData.of(new float[] {1, 2}, 2);
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray array = tensor.toArray(manager);
            array.addi(5);
            assertArrayEquals(new float[] {6, 7}, array.toFloatArray());
            TensorData copy = TensorData.of(array);
            array.addi(5);
            assertArrayEquals(new float[] {6, 7}, copy.toFloats());
        }
        assertArrayEquals(new float[] {1, 2}, tensor.toFloats());
        assertThrows(ReadOnlyBufferException.class, () -> tensor.bytes().put(0, (byte) 1));
    }

    @Test
    void anyByteButZeroIsTrue() {
        TensorData flags = TensorData.of(DataType.BOOLEAN, new Shape(3), ByteBuffer.wrap(new byte[] {0, 1, -7}));
        assertArrayEquals(new float[] {0, 1, 1}, flags.toFloats());
        try (NDManager manager = NDManager.newBaseManager()) {
            assertEquals(2f, flags.toArray(manager, DataType.FLOAT32).sum().getFloat());
        }
    }

    @Test
    void arraysOfCappedManagersAndTransposedOnesAreRead() {
        try (NDManager manager = NDManager.newBaseManager()) {
            NDArray transposed = manager.arange(6f).reshape(2, 3).transpose();
            manager.cap();
            TensorData tensor = TensorData.of(transposed);
            assertArrayEquals(new long[] {3, 2}, tensor.shape());
            assertArrayEquals(new float[] {0, 3, 1, 4, 2, 5}, tensor.toFloats());
        }
    }

    @Test
    void scalarsAndEmptyTensorsWork() {
        try (NDManager manager = NDManager.newBaseManager()) {
            TensorData scalar = TensorData.of(new float[] {3});
            assertEquals(1, scalar.size());
            assertEquals(3f, scalar.toArray(manager).getFloat());
            TensorData empty = TensorData.of(new float[0], 0, 4);
            assertEquals(new Shape(0, 4), empty.toArray(manager).getShape());
            assertEquals(0, TensorData.of(empty.toArray(manager)).toFloats().length);
        }
    }

    @Test
    void integersAreReadAsLongs() {
        assertArrayEquals(
                new long[] {-2, -1, 0, 1, 2, 3}, sample(DataType.INT16).toLongs());
        assertArrayEquals(
                new long[] {250, 251, 252, 253, 254, 255},
                sample(DataType.UINT8).toLongs());
        assertEquals(
                "tensor: expected an integer type, got float32",
                assertThrows(IllegalArgumentException.class, () -> sample(DataType.FLOAT32)
                                .toLongs())
                        .getMessage());
    }

    @Test
    void halvesWidenAndNarrowAsInTorch() {
        ByteBuffer all = ByteBuffer.allocate(2 << 16).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < 1 << 16; i++) {
            all.putShort((short) i);
        }
        TensorData halves = TensorData.of(DataType.FLOAT16, new Shape(1 << 16), all.flip());
        float[] awkward = new float[1 << 16];
        for (int i = 0; i < awkward.length; i++) {
            awkward[i] = Float.intBitsToFloat(0x32000000 + i * 0x3001); // 2^-27 to beyond 65504, all low bits in turn
        }
        try (NDManager manager = NDManager.newBaseManager()) {
            float[] torch = halves.toArray(manager, DataType.FLOAT32).toFloatArray();
            assertArrayEquals(torch, halves.toFloats());
            TensorData wide = TensorData.of(awkward, awkward.length);
            ByteBuffer narrow = wide.toArray(manager, DataType.FLOAT16).toByteBuffer(false);
            assertEquals(narrow.rewind(), wide.toFloating(DataType.FLOAT16).bytes());
        }
        for (float edge :
                new float[] {65504f, 65519.996f, 65520f, 1e30f, Float.POSITIVE_INFINITY, -0f, 0x1p-25f, -0x1.8p-24f}) {
            float back = HalfFloats.halfToFloat(HalfFloats.floatToHalf(edge));
            float exact = Math.abs(edge) >= 65520f
                    ? Math.copySign(Float.POSITIVE_INFINITY, edge)
                    : Math.abs(edge) > 65504f
                            ? 65504f
                            : Math.abs(edge) == 0x1p-25f ? 0f : edge == -0x1.8p-24f ? -0x1p-23f : edge;
            assertEquals(exact, back);
        }
        assertTrue(Float.isNaN(HalfFloats.halfToFloat(HalfFloats.floatToHalf(Float.NaN))));
    }

    @Test
    void bfloatsRoundToTheNearerNeighbourAndTiesToEven() {
        for (int i = 0; i < 1 << 16; i++) {
            float value = HalfFloats.bfloatToFloat((short) i);
            short back = HalfFloats.floatToBfloat(value);
            assertTrue(Float.isNaN(value) ? Float.isNaN(HalfFloats.bfloatToFloat(back)) : back == (short) i);
        }
        assertEquals(0x3f80, HalfFloats.floatToBfloat(Float.intBitsToFloat(0x3f808000))); // tie, even below
        assertEquals(0x3f82, HalfFloats.floatToBfloat(Float.intBitsToFloat(0x3f818000))); // tie, even above
        assertEquals(0x3f81, HalfFloats.floatToBfloat(Float.intBitsToFloat(0x3f808001)));
        assertEquals(0x7f80, HalfFloats.floatToBfloat(Float.MAX_VALUE));
        assertTrue(Float.isNaN(HalfFloats.bfloatToFloat(HalfFloats.floatToBfloat(Float.intBitsToFloat(0x7f800001)))));
    }

    @Test
    void onlyFloatingTensorsAreConverted() {
        TensorData counts = sample(DataType.INT64);
        assertSame(counts, counts.toFloating(DataType.FLOAT16));
        assertEquals(
                DataType.BFLOAT16,
                sample(DataType.FLOAT64).toFloating(DataType.BFLOAT16).type());
        assertArrayEquals(
                expected(DataType.FLOAT32),
                sample(DataType.BFLOAT16).toFloating(DataType.FLOAT32).toFloats());
        assertEquals(
                "target type: expected float32, float16 or bfloat16, got int32",
                assertThrows(IllegalArgumentException.class, () -> counts.toFloating(DataType.INT32))
                        .getMessage());
    }

    @Test
    void wrongContentIsRefused() {
        ByteBuffer bytes = ByteBuffer.allocate(8);
        assertEquals(
                "tensor: expected 12 bytes for float32 (3), got 8",
                assertThrows(IllegalArgumentException.class, () -> TensorData.of(DataType.FLOAT32, new Shape(3), bytes))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> TensorData.of(DataType.STRING, new Shape(8), bytes));
        assertThrows(IllegalArgumentException.class, () -> TensorData.of(new float[2], 3));
        try (NDManager manager = NDManager.newBaseManager()) {
            assertEquals(
                    "array type: expected a type that the engine can create, got bfloat16",
                    assertThrows(IllegalArgumentException.class, () -> sample(DataType.FLOAT32)
                                    .toArray(manager, DataType.BFLOAT16))
                            .getMessage());
        }
    }
}
