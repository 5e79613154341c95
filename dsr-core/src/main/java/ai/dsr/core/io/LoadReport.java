// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import ai.djl.ndarray.types.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * How the tensors of a file differ from those a model needs.
 *
 * @param source name of the file
 * @param missing names the model has and the file lacks, in the model's order
 * @param unexpected names the file has and the model lacks, in the file's order, without the ignorable ones
 * @param misshapen descriptions such as {@code pos_embed: expected (1, 256, 8), got (1, 257, 8)}, in the model's order
 */
public record LoadReport(String source, List<String> missing, List<String> unexpected, List<String> misshapen) {
    /** More names than this make a message unreadable. */
    private static final int MAX_LISTED = 8;

    /** Copies the lists. */
    public LoadReport {
        missing = List.copyOf(missing);
        unexpected = List.copyOf(unexpected);
        misshapen = List.copyOf(misshapen);
    }

    /**
     * Compares names and shapes, not element types.
     *
     * @param expected names and shapes of the model's parameters, in its order
     * @param ignorable names that the file may have without use, e.g. tables that the model computes itself
     */
    public static LoadReport compare(StateDict dict, Map<String, Shape> expected, Predicate<String> ignorable) {
        List<String> missing = new ArrayList<>();
        List<String> misshapen = new ArrayList<>();
        expected.forEach((name, shape) -> {
            if (!dict.has(name)) {
                missing.add(name);
            } else if (!dict.get(name).toShape().equals(shape)) {
                misshapen.add(
                        name + ": expected " + shape + ", got " + dict.get(name).toShape());
            }
        });
        List<String> unexpected = dict.names().stream()
                .filter(name -> !expected.containsKey(name) && !ignorable.test(name))
                .toList();
        return new LoadReport(dict.source(), missing, unexpected, misshapen);
    }

    /** Whether the file fits the model. */
    public boolean isClean() {
        return missing.isEmpty() && unexpected.isEmpty() && misshapen.isEmpty();
    }

    /** One line, e.g. {@code model.safetensors: 2 names missing (a, b), 1 unexpected (c)}. */
    public String toMessage() {
        if (isClean()) {
            return source + ": all names and shapes as expected";
        }
        List<String> parts = new ArrayList<>();
        for (Part part : List.of(
                new Part("missing", missing), new Part("unexpected", unexpected), new Part("misshapen", misshapen))) {
            if (!part.names.isEmpty()) {
                String noun = parts.isEmpty() ? (part.names.size() == 1 ? " name " : " names ") : " ";
                parts.add(part.names.size() + noun + part.label + " (" + listing(part.names) + ")");
            }
        }
        return source + ": " + String.join(", ", parts);
    }

    /**
     * Does nothing if the file fits.
     *
     * @throws IllegalArgumentException with {@link #toMessage()} otherwise
     */
    public void requireClean() {
        if (!isClean()) {
            throw new IllegalArgumentException(toMessage());
        }
    }

    /**
     * Does nothing if the file fits.
     *
     * @param advice what the user should do, e.g. {@code check encoder.type}
     * @throws IllegalArgumentException with {@link #toMessage()} and the advice otherwise
     */
    public void requireClean(String advice) {
        if (!isClean()) {
            throw new IllegalArgumentException(toMessage() + "; " + advice);
        }
    }

    /** The first few names joined by commas, and how many more there are. */
    public static String listing(Collection<String> names) {
        String listed = names.stream().limit(MAX_LISTED).collect(Collectors.joining(", "));
        int more = names.size() - MAX_LISTED;
        return names.isEmpty() ? "none" : more > 0 ? listed + " and " + more + " more" : listed;
    }

    private record Part(String label, List<String> names) {}
}
