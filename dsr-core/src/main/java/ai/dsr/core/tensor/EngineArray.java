// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.tensor;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.function.Consumer;

/**
 * Arrays of Java values in memory that the engine owns: the one way from the Java heap into the engine.
 *
 * <p>DJL's {@code manager.create(values)} lets the engine read a Java buffer instead, which lives only as long as that
 * one {@link NDArray} is open. Views of it, copies of the handle in another manager and the graph that a recording keeps
 * share the memory but do not keep it alive: after the array is closed and the garbage collector has run they read
 * whatever lies there then. Arrays made here share their memory by the engine's own count of references. They are also
 * aligned as the engine aligns, so that matrix kernels choose the same course in every run.
 *
 * <p>Every method copies the values; results belong to the manager and lie on its device.
 */
public final class EngineArray {
    private EngineArray() {}

    /** A FLOAT32 vector {@code (n)}. */
    public static NDArray of(NDManager manager, float... values) {
        return of(manager, values, new Shape(values.length));
    }

    /** FLOAT32 values in row-major order; throws IllegalArgumentException if the shape has another number of elements. */
    public static NDArray of(NDManager manager, float[] values, Shape shape) {
        requireSize(values.length, shape);
        return filled(manager, shape, DataType.FLOAT32, memory -> memory.asFloatBuffer()
                .put(values));
    }

    /** A FLOAT64 vector {@code (n)}. */
    public static NDArray of(NDManager manager, double... values) {
        return filled(manager, new Shape(values.length), DataType.FLOAT64, memory -> memory.asDoubleBuffer()
                .put(values));
    }

    /** An INT64 vector {@code (n)}, such as labels or row numbers. */
    public static NDArray of(NDManager manager, long... values) {
        return filled(manager, new Shape(values.length), DataType.INT64, memory -> memory.asLongBuffer()
                .put(values));
    }

    /** A BOOLEAN vector {@code (n)}. */
    public static NDArray of(NDManager manager, boolean... values) {
        return filled(manager, new Shape(values.length), DataType.BOOLEAN, memory -> {
            for (boolean value : values) {
                memory.put((byte) (value ? 1 : 0));
            }
        });
    }

    /** UINT8 values in row-major order; throws IllegalArgumentException if the shape has another number of elements. */
    public static NDArray of(NDManager manager, byte[] values, Shape shape) {
        requireSize(values.length, shape);
        return filled(manager, shape, DataType.UINT8, memory -> memory.put(values));
    }

    /** A FLOAT64 scalar {@code ()}. */
    public static NDArray scalar(NDManager manager, double value) {
        return filled(manager, new Shape(), DataType.FLOAT64, memory -> memory.putDouble(value));
    }

    /** An INT32 scalar {@code ()}. */
    public static NDArray scalar(NDManager manager, int value) {
        return filled(manager, new Shape(), DataType.INT32, memory -> memory.putInt(value));
    }

    /**
     * An array whose memory is written by the caller.
     *
     * @param type any type that the engine can create (no BFLOAT16, no INT16)
     * @param fill puts all elements, row-major, into a buffer of just their size in the native byte order; the buffer is
     *     not to be used after it returns. Not called for an array without elements.
     */
    public static NDArray filled(NDManager manager, Shape shape, DataType type, Consumer<ByteBuffer> fill) {
        if (shape.size() == 0) {
            return manager.create(shape, type);
        }
        if (manager.getDevice().isGpu()) {
            int size = Math.toIntExact(Math.multiplyExact(shape.size(), type.getNumOfBytes()));
            ByteBuffer host = ByteBuffer.allocateDirect(size).order(ByteOrder.nativeOrder());
            fill.accept(host);
            return manager.create(host.clear(), shape, type); // the engine copies what goes to another device
        }
        NDArray array = manager.create(shape, type);
        fill.accept(array.toByteBuffer(true).order(ByteOrder.nativeOrder())); // a view of the engine's own memory
        return array;
    }

    private static void requireSize(int count, Shape shape) {
        if (count != shape.size()) {
            throw new IllegalArgumentException(
                    "values: expected " + shape.size() + " for shape " + shape + ", got " + count);
        }
    }
}
