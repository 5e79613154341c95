// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.tensor.EngineArray;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.FloatBuffer;
import java.util.EnumSet;
import java.util.Set;

/**
 * One immutable tensor on the host: element type, shape and little-endian, row-major bytes, possibly of a mapped file.
 *
 * <p>One tensor holds less than 2 GiB, the limit of a Java buffer; a file may hold any number of them.
 */
public final class TensorData {
    private static final Set<DataType> TYPES = EnumSet.of(
            DataType.FLOAT64,
            DataType.FLOAT32,
            DataType.FLOAT16,
            DataType.BFLOAT16,
            DataType.INT64,
            DataType.INT32,
            DataType.INT16,
            DataType.INT8,
            DataType.UINT8,
            DataType.BOOLEAN);

    private final DataType type;
    private final Shape shape;
    private final ByteBuffer bytes;

    private TensorData(DataType type, Shape shape, ByteBuffer bytes) {
        this.type = type;
        this.shape = shape;
        this.bytes = bytes.slice().asReadOnlyBuffer().order(ByteOrder.LITTLE_ENDIAN);
    }

    /**
     * Wraps bytes without copying them; they must not change afterwards.
     *
     * @param type a floating type, INT64, INT32, INT16, INT8, UINT8 or BOOLEAN
     * @param shape the shape, each side 0 or more
     * @param bytes exactly the elements, little endian, between position and limit
     * @throws IllegalArgumentException if the type is another one, or the byte count does not fit the shape
     */
    public static TensorData of(DataType type, Shape shape, ByteBuffer bytes) {
        if (!TYPES.contains(type)) {
            throw new IllegalArgumentException("tensor: expected one of the types " + TYPES + ", got " + type);
        }
        long expected = byteCount(type, shape.getShape());
        if (expected != bytes.remaining()) {
            throw new IllegalArgumentException(
                    "tensor: expected " + expected + " bytes for " + type + " " + shape + ", got " + bytes.remaining());
        }
        return new TensorData(type, shape, bytes);
    }

    /**
     * A FLOAT32 tensor with a copy of {@code values}.
     *
     * @throws IllegalArgumentException if the number of values does not fit the shape
     */
    public static TensorData of(float[] values, long... shape) {
        ByteBuffer bytes = allocate(DataType.FLOAT32, values.length);
        bytes.asFloatBuffer().put(values);
        return of(DataType.FLOAT32, new Shape(shape), bytes);
    }

    /**
     * Copies a tensor of any device to the host, in its own type. Works under a capped manager.
     *
     * @param array any shape, any type that DJL's engine knows (no BFLOAT16, no INT16)
     */
    public static TensorData of(NDArray array) {
        if (array.getDevice().isGpu()) {
            // Copying makes arrays of the receiver's manager, which may be capped: multiply by one in a manager of our
            // own.
            try (NDManager scope = array.getManager().newSubManager()) {
                NDArray copy = scope.ones(new Shape(), array.getDataType()).mul(array);
                return of(copy.getDataType(), array.getShape(), copy.toByteBuffer(false));
            }
        }
        return of(array.getDataType(), array.getShape(), array.toByteBuffer(false));
    }

    /** The element type. */
    public DataType type() {
        return type;
    }

    /** The sides; empty for a scalar. */
    public long[] shape() {
        return shape.getShape().clone();
    }

    /** The shape in DJL's form. */
    public Shape toShape() {
        return shape;
    }

    /** Number of elements; 1 for a scalar. */
    public long size() {
        return shape.size();
    }

    /** A read-only view of the bytes, little endian, position 0. */
    public ByteBuffer bytes() {
        return bytes.duplicate().order(ByteOrder.LITTLE_ENDIAN);
    }

    /** All elements as float, row-major; 64-bit values are rounded, BOOLEAN becomes 0 or 1. */
    public float[] toFloats() {
        float[] values = new float[elementCount()];
        fillFloats(FloatBuffer.wrap(values));
        return values;
    }

    /**
     * All elements as long, row-major.
     *
     * @throws IllegalArgumentException if the type is a floating one
     */
    public long[] toLongs() {
        if (type.isFloating()) {
            throw new IllegalArgumentException("tensor: expected an integer type, got " + type);
        }
        long[] values = new long[elementCount()];
        for (int i = 0; i < values.length; i++) {
            values[i] = longAt(i);
        }
        return values;
    }

    /**
     * The same values as another floating type: exact when wider, to nearest with ties to even when narrower. Integers,
     * and tensors that have the type already, are returned as they are.
     *
     * @param target FLOAT32, FLOAT16 or BFLOAT16
     * @throws IllegalArgumentException if the target is another type
     */
    public TensorData toFloating(DataType target) {
        if (target != DataType.FLOAT32 && target != DataType.FLOAT16 && target != DataType.BFLOAT16) {
            throw new IllegalArgumentException("target type: expected float32, float16 or bfloat16, got " + target);
        }
        if (target == type || !type.isFloating()) {
            return this;
        }
        float[] values = toFloats();
        ByteBuffer converted = allocate(target, values.length);
        if (target == DataType.FLOAT32) {
            converted.asFloatBuffer().put(values);
        } else {
            HalfFloats.narrow(values, converted, target == DataType.BFLOAT16);
            converted.flip();
        }
        return new TensorData(target, shape, converted);
    }

    /**
     * Copies the tensor to the manager's device in its own type; BFLOAT16 becomes FLOAT32 and INT16 becomes INT32, both
     * exactly, since DJL has no number for these types that its engine understands.
     *
     * @return an array of {@code manager}, of this shape
     */
    public NDArray toArray(NDManager manager) {
        DataType target = engineType();
        return EngineArray.filled(manager, shape, target, memory -> fill(memory, target));
    }

    /**
     * Copies the tensor to the manager's device as {@code target}; the engine converts.
     *
     * @param target any type but BFLOAT16 and INT16, which DJL cannot name to its engine
     * @return an array of {@code manager}, of this shape
     */
    public NDArray toArray(NDManager manager, DataType target) {
        if (target == DataType.BFLOAT16 || target == DataType.INT16 || !TYPES.contains(target)) {
            throw new IllegalArgumentException("array type: expected a type that the engine can create, got " + target);
        }
        if (target == engineType()) {
            return toArray(manager);
        }
        try (NDManager scope = manager.newSubManager()) {
            NDArray converted = toArray(scope).toType(target, false);
            converted.attach(manager);
            return converted;
        }
    }

    /** Type and shape, e.g. {@code float32 (2, 3)}; never the values. */
    @Override
    public String toString() {
        return type + " " + shape;
    }

    /**
     * Bytes of a tensor of this shape.
     *
     * @throws IllegalArgumentException if a side is negative or the product overflows
     */
    public static long byteCount(DataType type, long[] shape) {
        long count = type.getNumOfBytes();
        boolean empty = false;
        for (long side : shape) {
            if (side < 0) {
                throw new IllegalArgumentException("shape: expected sides of 0 or more, got " + side);
            }
            empty |= side == 0;
        }
        if (empty) {
            return 0;
        }
        try {
            for (long side : shape) {
                count = Math.multiplyExact(count, side);
            }
        } catch (ArithmeticException e) {
            throw new IllegalArgumentException("shape: expected a product below 2^63, got " + new Shape(shape), e);
        }
        return count;
    }

    private static ByteBuffer allocate(DataType type, int elements) {
        return ByteBuffer.allocate(Math.multiplyExact(elements, type.getNumOfBytes()))
                .order(ByteOrder.LITTLE_ENDIAN);
    }

    private int elementCount() {
        return bytes.capacity() / type.getNumOfBytes();
    }

    private DataType engineType() {
        return switch (type) {
            case BFLOAT16 -> DataType.FLOAT32;
            case INT16 -> DataType.INT32;
            default -> type;
        };
    }

    /** Writes the elements to memory of the engine's type; hosts are little endian on every supported platform. */
    private void fill(ByteBuffer target, DataType targetType) {
        if (type == DataType.BOOLEAN) {
            for (int i = 0; i < bytes.capacity(); i++) {
                target.put(
                        i, (byte) longAt(i)); // a file may hold other bytes than 0 and 1, which the engine must not see
            }
        } else if (targetType == type) {
            target.duplicate().put(bytes());
        } else if (type == DataType.BFLOAT16) {
            fillFloats(target.asFloatBuffer());
        } else {
            int n = elementCount();
            for (int i = 0; i < n; i++) {
                target.putInt(4 * i, bytes.getShort(2 * i));
            }
        }
    }

    private void fillFloats(FloatBuffer target) {
        ByteBuffer source = bytes();
        int n = elementCount();
        switch (type) {
            case FLOAT32 -> target.put(source.asFloatBuffer());
            case FLOAT16 -> HalfFloats.widenHalf(source.asShortBuffer(), target);
            case BFLOAT16 -> HalfFloats.widenBfloat(source.asShortBuffer(), target);
            case FLOAT64 -> {
                for (int i = 0; i < n; i++) {
                    target.put(i, (float) source.getDouble(8 * i));
                }
            }
            default -> {
                for (int i = 0; i < n; i++) {
                    target.put(i, (float) longAt(i));
                }
            }
        }
    }

    private long longAt(int i) {
        return switch (type) {
            case INT64 -> bytes.getLong(8 * i);
            case INT32 -> bytes.getInt(4 * i);
            case INT16 -> bytes.getShort(2 * i);
            case INT8 -> bytes.get(i);
            case BOOLEAN -> bytes.get(i) == 0 ? 0 : 1;
            default -> bytes.get(i) & 0xff; // UINT8
        };
    }
}
