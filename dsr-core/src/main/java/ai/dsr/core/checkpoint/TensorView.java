// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.TensorData;
import java.util.Arrays;
import java.util.List;

/**
 * A tensor as a checkpoint holds it: a window of a storage. Offset and stride count elements.
 *
 * <p>Several views may share a storage, and a view may be transposed, strided or expanded (stride 0).
 */
final class TensorView {
    /** PyTorch's own bound on the number of sides. */
    private static final int MAX_SIDES = 64;

    private final Storage storage;
    private final long offset;
    private final long[] shape;
    private final long[] stride;

    private TensorView(Storage storage, long offset, long[] shape, long[] stride) {
        this.storage = storage;
        this.offset = offset;
        this.shape = shape;
        this.stride = stride;
    }

    /** The tensor of the arguments (storage, offset, shape, stride, whether it trains, hooks). */
    static TensorView of(List<Object> arguments) {
        if (arguments.size() != 6
                || !(arguments.get(0) instanceof Storage storage)
                || !(arguments.get(1) instanceof Long offset)
                || !(arguments.get(2) instanceof PickleTuple shape)
                || !(arguments.get(3) instanceof PickleTuple stride)
                || !isFlagWithoutHooks(arguments.subList(4, 6))) {
            throw new IllegalArgumentException(
                    "tensor: expected (storage, offset, shape, stride, flag, no hooks), got other arguments");
        }
        TensorView view = new TensorView(storage, offset, longs("shape", shape), longs("stride", stride));
        view.check();
        return view;
    }

    /** The tensor inside the arguments (tensor, whether it trains, hooks). */
    static TensorView ofParameter(List<Object> arguments) {
        if (arguments.size() != 3
                || !(arguments.get(0) instanceof TensorView view)
                || !isFlagWithoutHooks(arguments.subList(1, 3))) {
            throw new IllegalArgumentException("parameter: expected (tensor, flag, no hooks), got other arguments");
        }
        return view;
    }

    private static boolean isFlagWithoutHooks(List<Object> two) {
        return two.get(0) instanceof Boolean
                && two.get(1) instanceof PickleDict hooks
                && hooks.isOrdered()
                && hooks.items().isEmpty();
    }

    private static long[] longs(String what, PickleTuple tuple) {
        long[] values = new long[Math.min(tuple.items().size(), MAX_SIDES + 1)];
        for (int i = 0; i < values.length; i++) {
            if (!(tuple.items().get(i) instanceof Long value) || value < 0) {
                throw new IllegalArgumentException("tensor: " + what + ": expected integers of 0 or more, got "
                        + PickleMachine.kind(tuple.items().get(i)));
            }
            values[i] = value;
        }
        return values;
    }

    private void check() {
        if (shape.length > MAX_SIDES || shape.length != stride.length) {
            throw new IllegalArgumentException("tensor: expected at most " + MAX_SIDES
                    + " sides with as many strides, got " + shape.length + " and " + stride.length);
        }
        if (byteCount() == 0) {
            return; // without elements there is nothing to reach
        }
        long free = storage.count() - 1 - offset; // how far the last element may be from the first
        for (int i = 0; i < shape.length && free >= 0; i++) {
            long far = Math.multiplyHigh(shape[i] - 1, stride[i]) != 0 ? -1 : (shape[i] - 1) * stride[i];
            free = far < 0 ? -1 : free - far;
        }
        if (offset < 0 || free < 0) {
            throw new IllegalArgumentException("tensor: expected a view inside its storage of " + storage.count()
                    + " elements, got offset " + offset + ", shape " + Arrays.toString(shape) + ", stride "
                    + Arrays.toString(stride));
        }
    }

    Storage storage() {
        return storage;
    }

    long offset() {
        return offset;
    }

    Shape shape() {
        return new Shape(shape);
    }

    long[] stride() {
        return stride.clone();
    }

    /** Bytes of the elements once they stand side by side. */
    long byteCount() {
        return TensorData.byteCount(storage.type(), shape);
    }

    /** Number of trailing sides whose elements stand side by side, in order, without a gap; sides of 1 never matter. */
    int contiguousSides() {
        long expected = 1;
        int side = shape.length - 1;
        for (; side >= 0; side--) {
            if (shape[side] != 1) {
                if (stride[side] != expected) {
                    break;
                }
                expected *= shape[side];
            }
        }
        return shape.length - 1 - side;
    }
}
