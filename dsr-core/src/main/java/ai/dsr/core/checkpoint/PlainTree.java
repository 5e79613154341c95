// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.TensorData;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns what a pickle has built into plain values: unmodifiable maps with text keys, lists, {@link TensorData}, text,
 * numbers, truth values and null.
 *
 * <p>A container that stands in several places stays one object, so the result may be walked in all of them: depth and
 * number of places are bounded, cycles refused.
 */
final class PlainTree {
    private static final int MAX_DEPTH = 100;

    /** Places in the tree, counting a shared container wherever it stands. */
    private static final long MAX_PLACES = 4_000_000;

    /** Bytes of views to be copied that are always fine, whatever the size of the file. */
    private static final long FREE_COPIES = 1L << 26;

    private final MappedFile file;
    private final long copyLimit;
    private long copied;
    private final IdentityHashMap<Object, Done> done = new IdentityHashMap<>();
    private final Set<Object> open = Collections.newSetFromMap(new IdentityHashMap<>());

    /** What became of a container or tensor: its value, how deep it goes, how many places it has. */
    private record Done(Object value, int height, long places) {}

    /**
     * A conversion of one checkpoint.
     *
     * @param size bytes of the file; views that need a copy may add up to about as much
     */
    PlainTree(MappedFile file, long size) {
        this.file = file;
        copyLimit = Math.min(size + FREE_COPIES, Runtime.getRuntime().maxMemory() / 2);
    }

    /** Converts the object that a pickle left. */
    Object convert(Object root) throws IOException {
        return convert(root, 0).value;
    }

    private Done convert(Object object, int depth) throws IOException {
        boolean isContainer = object instanceof PickleDict || object instanceof List || object instanceof PickleTuple;
        if (!isContainer && !(object instanceof TensorView)) {
            return new Done(scalar(object), 0, 1);
        }
        Done known = done.get(object);
        if (open.contains(object)) {
            throw new IllegalArgumentException("content: expected a tree, got a container that contains itself");
        }
        if (depth + (known == null ? 0 : known.height) > MAX_DEPTH) {
            throw new IllegalArgumentException("content: expected a depth of at most " + MAX_DEPTH + ", got more");
        }
        if (known == null) {
            open.add(object);
            known = object instanceof TensorView view ? new Done(tensor(view), 0, 1) : container(object, depth);
            open.remove(object);
            done.put(object, known);
        }
        return known;
    }

    private static Object scalar(Object object) {
        if (object instanceof TorchGlobal || object instanceof Storage) {
            throw new IllegalArgumentException(
                    "content: expected tensors, containers and plain values, got " + PickleMachine.kind(object));
        }
        return object;
    }

    private Done container(Object object, int depth) throws IOException {
        if (object instanceof PickleDict dict) {
            return map(dict, depth);
        }
        List<?> items = object instanceof PickleTuple tuple ? tuple.items() : (List<?>) object;
        List<Object> values = new ArrayList<>(items.size());
        int height = 0;
        long places = 1;
        for (Object item : items) {
            Done child = convert(item, depth + 1);
            values.add(child.value);
            height = Math.max(height, child.height + 1);
            places = add(places, child.places);
        }
        return new Done(Collections.unmodifiableList(values), height, places);
    }

    private Done map(PickleDict dict, int depth) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        int height = 0;
        long places = 1;
        for (Map.Entry<Object, Object> item : dict.items().entrySet()) {
            Done child = convert(item.getValue(), depth + 1);
            String key = item.getKey().toString();
            if (values.containsKey(key)) {
                throw new IllegalArgumentException(
                        "dictionary: expected keys that differ as texts, got " + key + " as text and integer");
            }
            values.put(key, child.value);
            height = Math.max(height, child.height + 1);
            places = add(places, child.places);
        }
        return new Done(Collections.unmodifiableMap(values), height, places);
    }

    private static long add(long places, long more) {
        if (places + more > MAX_PLACES) {
            throw new IllegalArgumentException(
                    "content: expected at most " + MAX_PLACES + " values, got more; a container is repeated too often");
        }
        return places + more;
    }

    private TensorData tensor(TensorView view) throws IOException {
        DataType type = view.storage().type();
        long bytes = view.byteCount();
        if (bytes > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor: expected less than 2 GiB, got " + type + " " + view.shape());
        }
        if (bytes == 0) {
            return TensorData.of(type, view.shape(), ByteBuffer.allocate(0));
        }
        long[] shape = view.shape().getShape();
        int joined = view.contiguousSides();
        if (joined == shape.length) {
            long begin = view.storage().begin() + view.offset() * type.getNumOfBytes();
            return TensorData.of(type, view.shape(), file.slice(begin, (int) bytes));
        }
        copied += bytes;
        if (copied > copyLimit) {
            throw new IllegalArgumentException("tensors: expected transposed and expanded views of at most " + copyLimit
                    + " bytes in all, got more");
        }
        return TensorData.of(type, view.shape(), gather(view, shape, joined, (int) bytes));
    }

    /** Copies a view run by run; a run is what its last {@code joined} sides hold. */
    private ByteBuffer gather(TensorView view, long[] shape, int joined, int bytes) throws IOException {
        int size = view.storage().type().getNumOfBytes();
        int outer = shape.length - joined;
        int run = size;
        for (int side = outer; side < shape.length; side++) {
            run *= (int) shape[side];
        }
        long span = run;
        for (int side = 0; side < outer; side++) {
            span += (shape[side] - 1) * view.stride()[side] * size;
        }
        if (span > Integer.MAX_VALUE) {
            throw new IllegalArgumentException("tensor: expected a view over less than 2 GiB, got " + span + " bytes");
        }
        ByteBuffer source = file.slice(view.storage().begin() + view.offset() * size, (int) span);
        ByteBuffer target = ByteBuffer.allocate(bytes);
        long[] stride = view.stride();
        long[] index = new long[outer];
        long from = 0;
        for (int at = 0; at < bytes; at += run) {
            target.put(at, source, (int) from, run);
            for (int side = outer - 1; side >= 0; side--) {
                from += stride[side] * size;
                if (++index[side] < shape[side]) {
                    break;
                }
                from -= stride[side] * size * shape[side];
                index[side] = 0;
            }
        }
        return target;
    }
}
