// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Writes checkpoints as {@code torch.save} does, so that tests need no Python. */
public final class TorchFile {
    private final Pickle pickle = Pickle.start();
    private final List<byte[]> storages = new ArrayList<>();

    private TorchFile() {}

    /**
     * A float32 tensor.
     *
     * @param values its elements, row-major
     * @param shape its sides
     */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    public record Floats(float[] values, long... shape) {}

    /**
     * Writes a tree of maps with text or integer keys, lists, {@link Floats}, text, numbers, truth values and null.
     *
     * @return the file
     */
    public static Path write(Path file, Map<?, ?> root) {
        TorchFile torch = new TorchFile();
        torch.add(root);
        byte[] bytes = ZipBuilder.checkpoint(torch.pickle.stop(), torch.storages.toArray(new byte[0][]));
        try {
            return Files.write(file, bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written", e);
        }
    }

    private void add(Object value) {
        if (value instanceof Map<?, ?> map) {
            pickle.op('}', '(');
            map.forEach((key, item) -> {
                add(key);
                add(item);
            });
            pickle.op('u');
        } else if (value instanceof List<?> list) {
            pickle.op(']', '(');
            list.forEach(this::add);
            pickle.op('e');
        } else if (value instanceof Floats tensor) {
            add(tensor);
        } else if (value instanceof String text) {
            pickle.text(text);
        } else if (value instanceof Double number) {
            pickle.real(number);
        } else if (value instanceof Number integer) {
            pickle.longInteger(integer.longValue());
        } else if (value instanceof Boolean flag) {
            pickle.op(flag ? 0x88 : 0x89);
        } else {
            pickle.op('N');
        }
    }

    private void add(Floats tensor) {
        long[] stride = new long[tensor.shape.length];
        long next = 1;
        for (int i = stride.length - 1; i >= 0; i--) {
            stride[i] = next;
            next *= tensor.shape[i];
        }
        pickle.tensor(String.valueOf(storages.size()), tensor.values.length, 0, tensor.shape, stride);
        ByteBuffer bytes =
                ByteBuffer.wrap(new byte[Float.BYTES * tensor.values.length]).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(tensor.values);
        storages.add(bytes.array());
    }
}
