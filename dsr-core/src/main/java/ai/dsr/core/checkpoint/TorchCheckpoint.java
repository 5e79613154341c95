// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A file that {@code torch.save} wrote, in the zip format or the older stream.
 *
 * <p>Reading maps the file, so tensors cost no memory until used, views that are not contiguous excepted; the file must not
 * be changed in place meanwhile. Nothing of the file is run: it can hold tensors, dictionaries with texts and integers as
 * keys, lists, tuples, numbers and texts, and anything else ends in an error.
 */
public final class TorchCheckpoint {
    private static final byte[] ZIP_START = {'P', 'K', 3, 4};

    /** A pickle of protocol 2 whose first object is an integer of ten bytes, the magic number. */
    private static final byte[] LEGACY_START = {(byte) 0x80, 2, (byte) 0x8a, 10};

    private static final byte[] GIT_LFS_START = {'v', 'e', 'r', 's'};

    private final String source;
    private final Object root;

    private TorchCheckpoint(String source, Object root) {
        this.source = source;
        this.root = root;
    }

    /**
     * Reads a file. Damage is noticed where the format has checksums, which the zip format does; that takes one pass over
     * the bytes.
     *
     * @throws IllegalArgumentException naming the file and the fault if it is no checkpoint, damaged, or holds anything but
     *     tensors and plain values
     * @throws java.io.UncheckedIOException if the file cannot be read
     */
    public static TorchCheckpoint read(Path file) {
        return read(file, true);
    }

    /** Reads a file as {@link #read} does, but without a look at checksums, for files whose writer left them out. */
    public static TorchCheckpoint readWithoutChecksums(Path file) {
        return read(file, false);
    }

    private static TorchCheckpoint read(Path file, boolean checksums) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            MappedFile mapped = new MappedFile(channel);
            Object built = build(channel, mapped, checksums);
            Object root = new PlainTree(mapped, channel.size()).convert(built);
            return new TorchCheckpoint(String.valueOf(file.getFileName()), root);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        } catch (IOException e) {
            throw AtomicFiles.failure(file, "cannot be read", e);
        }
    }

    private static Object build(FileChannel channel, MappedFile mapped, boolean checksums) throws IOException {
        byte[] start = start(channel);
        if (Arrays.equals(start, ZIP_START)) {
            return TorchArchive.read(channel, mapped, checksums);
        }
        if (Arrays.equals(start, LEGACY_START)) {
            return LegacyStream.read(channel);
        }
        String hint = channel.size() == 0
                ? "an empty file"
                : Arrays.equals(start, GIT_LFS_START)
                        ? "a text, perhaps a pointer of Git LFS; fetch the file itself"
                        : "another kind of file";
        throw new IllegalArgumentException("expected a checkpoint of torch.save, got " + hint);
    }

    private static byte[] start(FileChannel channel) throws IOException {
        int length = (int) Math.min(4, channel.size());
        return new PickleInput(channel, 0, length).read(length).array();
    }

    /** Whether a file starts as a checkpoint of either format does. */
    public static boolean isTorch(Path file) {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
            byte[] start = start(channel);
            return Arrays.equals(start, ZIP_START) || Arrays.equals(start, LEGACY_START);
        } catch (IOException e) {
            throw AtomicFiles.failure(file, "cannot be read", e);
        }
    }

    /** The file's name, for messages. */
    public String source() {
        return source;
    }

    /**
     * All that the file holds: unmodifiable maps with text keys (integers as decimals), lists (of tuples too), {@link
     * TensorData}, text, {@code Long} ({@code BigInteger} where too large), {@code Double}, {@code Boolean} and null.
     */
    public Object root() {
        return root;
    }

    /** What stands at a key of the outermost dictionary; null if there is no such thing. */
    public Object get(String key) {
        return root instanceof Map<?, ?> map ? map.get(key) : null;
    }

    /**
     * All tensors of the file by path: keys and list indices joined by {@code /}, which for a bare state dict are the names.
     *
     * @throws IllegalArgumentException if two tensors have one path
     */
    public StateDict tensors() {
        return tensors(root);
    }

    /**
     * The tensors below a key of the outermost dictionary, by path from there.
     *
     * @throws IllegalArgumentException if there is no such key, or two tensors have one path
     */
    public StateDict tensors(String key) {
        if (!(root instanceof Map<?, ?> map) || !map.containsKey(key)) {
            throw new IllegalArgumentException(
                    source + ": expected a dictionary with the key " + key + ", got another");
        }
        return tensors(map.get(key));
    }

    private StateDict tensors(Object node) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        collect("", node, tensors);
        return StateDict.of(source, tensors);
    }

    private void collect(String path, Object node, Map<String, TensorData> tensors) {
        if (node instanceof TensorData tensor) {
            if (tensors.put(path, tensor) != null) {
                throw new IllegalArgumentException(source + ": expected one tensor at " + path + ", got two");
            }
        } else if (node instanceof Map<?, ?> map) {
            map.forEach((key, value) -> collect(join(path, key), value, tensors));
        } else if (node instanceof List<?> list) {
            for (int i = 0; i < list.size(); i++) {
                collect(join(path, i), list.get(i), tensors);
            }
        }
    }

    private static String join(String path, Object key) {
        return path.isEmpty() ? String.valueOf(key) : path + "/" + key;
    }
}
