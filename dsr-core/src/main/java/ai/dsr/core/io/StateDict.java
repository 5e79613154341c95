// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.function.Predicate;

/**
 * Named tensors in a fixed order, immutable, with the name of the file they came from for messages.
 *
 * <p>Names are those of published weights, dotted: {@code blocks.0.attn.qkv.weight}.
 */
public final class StateDict {
    private final String source;
    private final Map<String, TensorData> tensors;

    private StateDict(String source, Map<String, TensorData> tensors) {
        this.source = source;
        this.tensors = Collections.unmodifiableMap(tensors);
    }

    /**
     * A copy of {@code tensors} in the map's order.
     *
     * @param source what messages call this state dict, usually a file name
     */
    public static StateDict of(String source, Map<String, TensorData> tensors) {
        return new StateDict(source, new LinkedHashMap<>(tensors));
    }

    /** What messages call this state dict. */
    public String source() {
        return source;
    }

    /** Number of tensors. */
    public int size() {
        return tensors.size();
    }

    /** All names in order. */
    public Set<String> names() {
        return tensors.keySet();
    }

    /** The tensors by name, in order; unmodifiable. */
    public Map<String, TensorData> toMap() {
        return tensors;
    }

    /** Whether a tensor of this name is present. */
    public boolean has(String name) {
        return tensors.containsKey(name);
    }

    /**
     * The tensor of this name.
     *
     * @throws IllegalArgumentException if there is none
     */
    public TensorData get(String name) {
        TensorData tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    source + ": expected a tensor " + name + ", got " + LoadReport.listing(names()));
        }
        return tensor;
    }

    /**
     * The tensor of this name and shape.
     *
     * @throws IllegalArgumentException if there is none, or its shape is another one
     */
    public TensorData require(String name, Shape expectedShape) {
        TensorData tensor = get(name);
        if (!tensor.toShape().equals(expectedShape)) {
            throw new IllegalArgumentException(
                    source + ": " + name + ": expected shape " + expectedShape + ", got " + tensor.toShape());
        }
        return tensor;
    }

    /** The tensors whose name satisfies {@code keep}. */
    public StateDict filter(Predicate<String> keep) {
        Map<String, TensorData> kept = new LinkedHashMap<>(tensors);
        kept.keySet().removeIf(keep.negate());
        return new StateDict(source, kept);
    }

    /** The tensors whose name does not start with {@code prefix}. */
    public StateDict without(String prefix) {
        return filter(name -> !name.startsWith(prefix));
    }

    /** The tensors whose name starts with {@code prefix}, with the prefix cut off. */
    public StateDict under(String prefix) {
        return filter(name -> name.startsWith(prefix)).renamed(name -> name.substring(prefix.length()));
    }

    /**
     * The same tensors under other names.
     *
     * @throws IllegalArgumentException if two names become one
     */
    public StateDict renamed(Function<String, String> rename) {
        Map<String, TensorData> renamed = new LinkedHashMap<>();
        List<String> clashes = new ArrayList<>();
        tensors.forEach((name, tensor) -> {
            String newName = rename.apply(name);
            if (renamed.putIfAbsent(newName, tensor) != null) {
                clashes.add(name + " -> " + newName);
            }
        });
        if (!clashes.isEmpty()) {
            throw new IllegalArgumentException(
                    source + ": expected distinct names after renaming, got twice " + LoadReport.listing(clashes));
        }
        return new StateDict(source, renamed);
    }

    /**
     * Fails unless the tensors are exactly the expected ones.
     *
     * @param expected names and shapes of the model's parameters, in its order
     * @throws IllegalArgumentException listing missing, unexpected and misshapen names
     */
    public void requireExactly(Map<String, Shape> expected) {
        LoadReport.compare(this, expected, name -> false).requireClean();
    }
}
