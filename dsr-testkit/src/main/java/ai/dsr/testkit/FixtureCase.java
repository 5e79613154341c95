// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * One golden case: a configuration, the tensors that go in, and what the reference computed from them.
 *
 * <p>The folder holds {@code case.json} and {@code tensors.safetensors} with the entries {@code param/<name>} (weights
 * under their published names), {@code in/<name>}, {@code out/<name>} and {@code grad/<name>}; other entries are
 * placeholders. The engine has no bfloat16 or 16-bit integers: they come as float32 and int32. Tensors belong to the manager given to {@link #load} and are on its device.
 */
public final class FixtureCase {
    private static final String TENSORS = "tensors.safetensors";

    private final CaseFile file;
    private final NDManager manager;
    private final ConfigKeys keys;
    private final Map<String, NDArray> params;
    private final Map<String, NDArray> inputs;
    private final Map<String, NDArray> outputs;
    private final Map<String, NDArray> gradients;

    private FixtureCase(CaseFile file, Map<String, NDArray> tensors, NDManager manager) {
        this.file = file;
        this.manager = manager;
        keys = new ConfigKeys(file.config(), "config");
        params = group(tensors, "param/");
        inputs = group(tensors, "in/");
        outputs = group(tensors, "out/");
        gradients = group(tensors, "grad/");
    }

    /**
     * Reads the case in {@code folder}.
     *
     * @throws IllegalArgumentException if a file is malformed, or a stored output or gradient has no tolerance
     * @throws java.io.UncheckedIOException if a file cannot be read
     */
    public static FixtureCase load(Path folder, NDManager manager) {
        return load(CaseFile.read(folder.resolve(CaseFile.FILE)), manager);
    }

    static FixtureCase load(CaseFile file, NDManager manager) {
        FixtureCase fixture =
                new FixtureCase(file, TensorFile.read(file.folder().resolve(TENSORS), manager), manager);
        fixture.outputs.keySet().forEach(file::tolerance);
        if (!fixture.gradients.isEmpty()) {
            file.gradientTolerance();
        }
        return fixture;
    }

    /** What is checked, for example {@code dit.lightning}. */
    public String kind() {
        return file.kind();
    }

    /** The case's name within its kind. */
    public String name() {
        return file.name();
    }

    /** The case's folder, for kinds that keep further files there. */
    public Path folder() {
        return file.folder();
    }

    /** The manager that owns the case's tensors; it is closed after the case. */
    public NDManager manager() {
        return manager;
    }

    /** The raw configuration. Looking at it does not count as reading a key: see {@link #keys}. */
    public JsonNode config() {
        return file.config();
    }

    /** The configuration with a record of the keys read; all of them must be, or the case fails. */
    public ConfigKeys keys() {
        return keys;
    }

    /** Returns whether the case has input {@code name}. */
    public boolean hasIn(String name) {
        return inputs.containsKey(name);
    }

    /** Returns input {@code name}; fails if the case has none of that name. */
    public NDArray in(String name) {
        return get(inputs, "in/", name);
    }

    /** All inputs by name, in the order of the file. */
    public Map<String, NDArray> inputs() {
        return inputs;
    }

    /** Returns parameter {@code name}; fails if the case has none of that name. */
    public NDArray param(String name) {
        return get(params, "param/", name);
    }

    /** All parameters by their published names, in the order of the file. */
    public Map<String, NDArray> params() {
        return params;
    }

    /** Returns whether the case stores output {@code name}. */
    public boolean hasOut(String name) {
        return outputs.containsKey(name);
    }

    /** Returns the expected output {@code name}; fails if the case has none of that name. */
    public NDArray out(String name) {
        return get(outputs, "out/", name);
    }

    /** Names of the expected outputs, in the order of the file. */
    public Set<String> outNames() {
        return outputs.keySet();
    }

    /** Returns the expected gradient of parameter {@code name}, or of input {@code x} for the name {@code in.x}. */
    public NDArray grad(String name) {
        return get(gradients, "grad/", name);
    }

    /** Names of the expected gradients, in the order of the file; empty if the case stores none. */
    public Set<String> gradNames() {
        return gradients.keySet();
    }

    /** Returns the tolerance of output {@code name}. */
    public Tolerance tolerance(String name) {
        return file.tolerance(name);
    }

    /** Returns the tolerance of every gradient. */
    public Tolerance gradTolerance() {
        return file.gradientTolerance();
    }

    private NDArray get(Map<String, NDArray> group, String prefix, String name) {
        NDArray tensor = group.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException(
                    file.id() + ": " + prefix + name + ": expected one of " + group.keySet() + ", got " + name);
        }
        return tensor;
    }

    private static Map<String, NDArray> group(Map<String, NDArray> tensors, String prefix) {
        Map<String, NDArray> group = new LinkedHashMap<>();
        tensors.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                group.put(name.substring(prefix.length()), tensor);
            }
        });
        return Collections.unmodifiableMap(group);
    }
}
