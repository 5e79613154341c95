// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Stored results of another program: what it was given, and what it computed.
 *
 * @param tensors {@code in/NAME}, {@code out/NAME}, {@code grad/NAME}; others are not looked at
 * @param settings the object {@code config} of a {@code case.json} beside the tensors, which says what the tensors cannot,
 *     such as the scale of a guided call; a missing node without one
 */
public record Goldens(StateDict tensors, JsonNode settings) {
    private static final String TENSORS = "tensors.safetensors";
    private static final String CASE = "case.json";

    /**
     * Reads a file of safetensors, or a folder with {@code tensors.safetensors}.
     *
     * @throws IllegalArgumentException if there is nothing to compare with
     */
    public static Goldens open(Path path) {
        Path file = Files.isDirectory(path) ? path.resolve(TENSORS) : path;
        Path config = file.resolveSibling(CASE);
        JsonNode settings = Files.isRegularFile(config) ? Json.read(config).path("config") : MissingNode.getInstance();
        Goldens goldens = new Goldens(SafeTensors.read(file), settings);
        if (goldens.tensors.under("out/").size()
                        + goldens.tensors.under("grad/").size()
                == 0) {
            throw new IllegalArgumentException(
                    file + ": expected stored results out/NAME, got " + LoadReport.listing(goldens.tensors.names()));
        }
        return goldens;
    }

    /** Whether this input is stored. */
    boolean has(String input) {
        return tensors.has("in/" + input);
    }

    /** Whether this result is stored. */
    boolean wants(String output) {
        return tensors.has("out/" + output);
    }

    /** Whether gradients are stored. */
    boolean wantsGradients() {
        return tensors.names().stream().anyMatch(name -> name.startsWith("grad/"));
    }

    /** Whether there are inputs at all; else the results are the weights themselves. */
    public boolean hasInputs() {
        return !inputs().isEmpty();
    }

    private Set<String> inputs() {
        return tensors.under("in/").names();
    }

    /** An input as FLOAT32, integers as they are. */
    NDArray in(NDManager owner, String name) {
        TensorData tensor = tensors.get("in/" + name);
        return tensor.type().isFloating() ? tensor.toArray(owner, DataType.FLOAT32) : tensor.toArray(owner);
    }

    /** An input, null if it is not stored. */
    TensorData data(String name) {
        return has(name) ? tensors.get("in/" + name) : null;
    }

    /** Fails if there are inputs that would not be used: the results would be those of something else. */
    void requireOnly(Predicate<String> known, String subject, String names) {
        List<String> foreign = inputs().stream().filter(known.negate()).toList();
        if (!foreign.isEmpty()) {
            throw new IllegalArgumentException(tensors.source() + ": expected the inputs " + names + ", got also "
                    + LoadReport.listing(foreign) + ", which " + subject + " does not take");
        }
    }

    /** A list of numbers among the settings. */
    List<Double> numbers(String key) {
        List<Double> numbers = new ArrayList<>();
        settings.path(key).forEach(value -> numbers.add(value.asDouble()));
        return numbers;
    }
}
