// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.List;
import java.util.Map;

/**
 * The stack machine of pickle protocol 2, cut down to the opcodes that PyTorch's checkpoints use.
 *
 * <p>Its objects are {@link PickleDict}, {@code ArrayList}, {@link PickleTuple}, {@link TensorView}, {@link Storage}, {@link
 * TorchGlobal}, text, {@code Long}, {@link BigInteger}, {@code Double}, {@code Boolean} and null. They may form cycles; {@link
 * PlainTree} refuses those.
 */
final class PickleMachine {
    /** Operations of one pickle; a tensor takes about 35, so this is enough for 100,000 of them. */
    private static final int MAX_OPERATIONS = 4_000_000;

    /** Bytes of all texts of one pickle. */
    private static final long MAX_TEXT = 1L << 25;

    private static final int LONGEST_NAME = 128;
    private static final int PROTOCOL = 2;

    private static final Map<Class<?>, String> KINDS = Map.of(
            String.class, "a text",
            BigInteger.class, "a large integer",
            Double.class, "a number",
            Boolean.class, "a truth value",
            ArrayList.class, "a list",
            PickleTuple.class, "a tuple",
            PickleDict.class, "a dictionary",
            TensorView.class, "a tensor",
            Storage.class, "a storage");

    private final PickleInput in;
    private final StorageTable storages;
    private final List<Object> stack = new ArrayList<>();
    private final Deque<Integer> marks = new ArrayDeque<>();
    private final List<Object> memo = new ArrayList<>();
    private int operations;
    private long text;

    /** A machine for one pickle. */
    PickleMachine(PickleInput in, StorageTable storages) {
        this.in = in;
        this.storages = storages;
    }

    /** Runs the pickle to its end and returns the object it leaves. */
    Object load() throws IOException {
        if (in.readByte() != 0x80 || in.readByte() != PROTOCOL) {
            throw new IllegalArgumentException(
                    "byte " + (in.position() - 1) + ": expected a pickle of protocol 2, got other bytes");
        }
        for (int opcode = in.readByte(); opcode != '.'; opcode = in.readByte()) {
            if (++operations > MAX_OPERATIONS) {
                throw new IllegalArgumentException(
                        "pickle: expected at most " + MAX_OPERATIONS + " operations, got more");
            }
            run(opcode);
        }
        if (stack.size() != 1 || !marks.isEmpty()) {
            throw new IllegalArgumentException("pickle: expected one object at its end, got " + stack.size());
        }
        return stack.get(0);
    }

    private void run(int opcode) throws IOException {
        switch (opcode) {
            case 'N' -> push(null);
            case 0x88 -> push(true);
            case 0x89 -> push(false);
            case 'K' -> push((long) in.readByte());
            case 'M' -> push((long) in.readByte() | (long) in.readByte() << 8);
            case 'J' -> push((long) in.read(4).getInt());
            case 0x8a -> push(integer(in.read(in.readByte()).array()));
            case 'G' -> push(in.read(8).order(ByteOrder.BIG_ENDIAN).getDouble());
            case 'X' -> push(text());
            case '}' -> push(new PickleDict(false));
            case ']' -> push(new ArrayList<>());
            case ')' -> push(PickleTuple.EMPTY);
            case 't' -> push(tuple(popToMark()));
            case 0x85 -> push(tuple(pop(1)));
            case 0x86 -> push(tuple(pop(2)));
            case 0x87 -> push(tuple(pop(3)));
            case '(' -> marks.push(stack.size());
            case 'a' -> append(pop(1));
            case 'e' -> append(popToMark());
            case 's' -> setItems(pop(2));
            case 'u' -> setItems(popToMark());
            case 'q' -> remember(in.readByte());
            case 'r' -> remember(unsigned(in.read(4)));
            case 'h' -> recall(in.readByte());
            case 'j' -> recall(unsigned(in.read(4)));
            case 'c' -> push(TorchGlobal.of(in.readLine(LONGEST_NAME), in.readLine(LONGEST_NAME)));
            case 'R' -> push(call(pop(2)));
            case 'b' -> setState(pop(1).get(0));
            case 'Q' -> push(storages.resolve(pop(1).get(0)));
            default ->
                throw new IllegalArgumentException("byte " + (in.position() - 1)
                        + ": expected an opcode that tensors need, got 0x" + Integer.toHexString(opcode)
                        + "; the file is refused, nothing of it was run");
        }
    }

    private void push(Object object) {
        stack.add(object);
    }

    /** The topmost objects, the deepest first; never from below the last mark. */
    private List<Object> pop(int count) {
        int floor = marks.isEmpty() ? 0 : marks.peek();
        if (stack.size() - count < floor) {
            throw underflow();
        }
        return popFrom(stack.size() - count);
    }

    private List<Object> popToMark() {
        if (marks.isEmpty()) {
            throw underflow();
        }
        return popFrom(marks.pop());
    }

    private List<Object> popFrom(int start) {
        List<Object> top = stack.subList(start, stack.size());
        List<Object> popped = new ArrayList<>(top);
        top.clear();
        return popped;
    }

    private Object top() {
        if (stack.size() <= (marks.isEmpty() ? 0 : marks.peek())) {
            throw underflow();
        }
        return stack.get(stack.size() - 1);
    }

    private IllegalArgumentException underflow() {
        return new IllegalArgumentException("byte " + in.position() + ": expected more objects on the stack, got none");
    }

    private static PickleTuple tuple(List<Object> items) {
        return new PickleTuple(Collections.unmodifiableList(items));
    }

    private static Object integer(byte[] littleEndian) {
        if (littleEndian.length == 0) {
            return 0L;
        }
        byte[] bigEndian = new byte[littleEndian.length];
        for (int i = 0; i < bigEndian.length; i++) {
            bigEndian[i] = littleEndian[bigEndian.length - 1 - i];
        }
        BigInteger value = new BigInteger(bigEndian);
        return value.bitLength() < Long.SIZE ? (Object) value.longValue() : value;
    }

    private String text() throws IOException {
        long length = unsigned(in.read(4));
        text += length;
        if (text > MAX_TEXT) {
            throw new IllegalArgumentException("pickle: expected at most " + MAX_TEXT + " bytes of text, got more");
        }
        return in.readText(length);
    }

    private static long unsigned(ByteBuffer four) {
        return Integer.toUnsignedLong(four.getInt());
    }

    private void append(List<Object> items) {
        if (!(top() instanceof ArrayList<?>)) {
            throw new IllegalArgumentException("append: expected a list, got " + kind(top()));
        }
        @SuppressWarnings("unchecked") // the machine's lists hold objects
        ArrayList<Object> list = (ArrayList<Object>) top();
        list.addAll(items);
    }

    private void setItems(List<Object> items) {
        if (!(top() instanceof PickleDict dict) || items.size() % 2 != 0) {
            throw new IllegalArgumentException(
                    "items: expected pairs for a dictionary, got " + items.size() + " objects for " + kind(top()));
        }
        for (int i = 0; i < items.size(); i += 2) {
            dict.put(items.get(i), items.get(i + 1));
        }
    }

    /** Indices count up from 0 or 1, so one beyond the number of operations is a way to ask for memory. */
    private void remember(long index) {
        if (index > operations) {
            throw new IllegalArgumentException("memo: expected an index of at most " + operations + ", got " + index);
        }
        while (memo.size() <= index) {
            memo.add(Unset.MARKER);
        }
        memo.set((int) index, top());
    }

    private void recall(long index) {
        if (index >= memo.size() || memo.get((int) index) == Unset.MARKER) {
            throw new IllegalArgumentException("memo: expected an index that was set before, got " + index);
        }
        push(memo.get((int) index));
    }

    private static Object call(List<Object> functionAndArguments) {
        if (!(functionAndArguments.get(0) instanceof TorchGlobal function)
                || !(functionAndArguments.get(1) instanceof PickleTuple arguments)) {
            throw new IllegalArgumentException("call: expected a name with a tuple of arguments, got "
                    + kind(functionAndArguments.get(0)) + " with " + kind(functionAndArguments.get(1)));
        }
        return switch (function) {
            case ORDERED_DICT -> orderedDict(arguments);
            case REBUILD_TENSOR -> TensorView.of(arguments.items());
            case REBUILD_PARAMETER -> TensorView.ofParameter(arguments.items());
            default -> throw new IllegalArgumentException("call: expected a function that builds, got " + function);
        };
    }

    private static PickleDict orderedDict(PickleTuple arguments) {
        if (!arguments.items().isEmpty()) {
            throw new IllegalArgumentException("OrderedDict: expected no arguments, got "
                    + arguments.items().size());
        }
        return new PickleDict(true);
    }

    /** Attributes of an ordered dictionary, such as the versions of modules, have no use here. */
    private void setState(Object state) {
        if (!(top() instanceof PickleDict dict) || !dict.isOrdered() || !(state instanceof PickleDict)) {
            throw new IllegalArgumentException(
                    "state: expected attributes of an ordered dictionary, got " + kind(state) + " for " + kind(top()));
        }
    }

    /** What messages call an object; never its content. */
    static String kind(Object object) {
        if (object == null) {
            return "None";
        } else if (object instanceof TorchGlobal || object instanceof Long) {
            return object.toString();
        }
        return KINDS.getOrDefault(object.getClass(), "another object");
    }

    private enum Unset {
        MARKER
    }
}
