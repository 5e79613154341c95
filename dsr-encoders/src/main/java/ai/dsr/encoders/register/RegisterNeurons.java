// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.dsr.core.io.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * MLP neurons by layer, each list in order of rank.
 *
 * <p>The JSON form is that of the Python code, {@code neurons_to_ablate.json}: an object whose keys are layers and whose
 * values are lists of neurons. A list may name a neuron twice, which changes nothing.
 *
 * @param byLayer layers, ascending, without empty lists
 */
public record RegisterNeurons(SortedMap<Integer, List<Integer>> byLayer) {
    /** Copies and checks the lists; layers without a neuron are dropped. */
    public RegisterNeurons {
        SortedMap<Integer, List<Integer>> copy = new TreeMap<>();
        byLayer.forEach((layer, neurons) -> {
            requireIndex("layer", layer);
            neurons.forEach(neuron -> requireIndex("layer " + layer, neuron));
            if (!neurons.isEmpty()) {
                copy.put(layer, List.copyOf(neurons));
            }
        });
        byLayer = Collections.unmodifiableSortedMap(copy);
    }

    /** Neurons by layer in any order of layers. */
    public static RegisterNeurons of(Map<Integer, List<Integer>> byLayer) {
        return new RegisterNeurons(new TreeMap<>(byLayer));
    }

    /** No neurons. */
    public static RegisterNeurons none() {
        return of(Map.of());
    }

    /**
     * Reads {@code neurons_to_ablate.json} or {@code neurons_to_ablate_merge.json}.
     *
     * @throws IllegalArgumentException naming the file, if it is not of that form
     */
    public static RegisterNeurons read(Path file) {
        return ofJson(Json.read(file), file.toString());
    }

    /**
     * Reads the JSON form.
     *
     * @param source what messages call it
     */
    public static RegisterNeurons ofJson(JsonNode json, String source) {
        if (!json.isObject()) {
            throw new IllegalArgumentException(
                    source + ": expected an object of layers with lists of neurons, got " + json.getNodeType());
        }
        Map<Integer, List<Integer>> layers = new TreeMap<>();
        json.fields().forEachRemaining(entry -> {
            if (!entry.getKey().matches("\\d{1,6}")) {
                throw new IllegalArgumentException(
                        source + ": expected layer numbers as keys, got \"" + entry.getKey() + '"');
            }
            layers.put(Integer.parseInt(entry.getKey()), neurons(entry.getValue(), source + ": " + entry.getKey()));
        });
        return of(layers);
    }

    private static List<Integer> neurons(JsonNode list, String subject) {
        List<Integer> neurons = new ArrayList<>();
        boolean fits = list.isArray();
        for (JsonNode value : list) {
            fits &= value.isIntegralNumber() && value.canConvertToInt() && value.asInt() >= 0;
            neurons.add(value.asInt());
        }
        if (!fits) {
            throw new IllegalArgumentException(subject + ": expected a list of neurons from 0, got " + list);
        }
        return neurons;
    }

    /** Writes the JSON form. */
    public void write(Path file) {
        Json.write(file, toJson());
    }

    /** The JSON form: layers as text, ascending. */
    public Map<String, List<Integer>> toJson() {
        Map<String, List<Integer>> json = new LinkedHashMap<>();
        byLayer.forEach((layer, neurons) -> json.put(Integer.toString(layer), neurons));
        return json;
    }

    /** These, followed layer by layer by the others; a neuron in both stands there twice, as in published files. */
    public RegisterNeurons merge(RegisterNeurons other) {
        Map<Integer, List<Integer>> merged = new TreeMap<>(byLayer);
        other.byLayer.forEach((layer, neurons) -> {
            List<Integer> list = new ArrayList<>(merged.getOrDefault(layer, List.of()));
            list.addAll(neurons);
            merged.put(layer, list);
        });
        return of(merged);
    }

    /** The same without repetitions; the first mention keeps its place. */
    public RegisterNeurons distinct() {
        Map<Integer, List<Integer>> layers = new TreeMap<>();
        byLayer.forEach((layer, neurons) -> layers.put(layer, List.copyOf(new LinkedHashSet<>(neurons))));
        return of(layers);
    }

    /** How many neurons, repetitions included. */
    public int count() {
        return byLayer.values().stream().mapToInt(List::size).sum();
    }

    private static void requireIndex(String subject, int index) {
        if (index < 0) {
            throw new IllegalArgumentException(subject + ": expected a number from 0, got " + index);
        }
    }
}
