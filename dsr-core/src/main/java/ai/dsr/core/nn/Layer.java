// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.core.tensor.Precision;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;

/**
 * A part of a model: named weights and named children, in the order in which they were declared.
 *
 * <p>Subclasses declare everything in the constructor with {@link #weight}, {@link #table}, {@link #buffer} and
 * {@link #child}, and offer a typed {@code forward}. The dotted path of a weight is its name in checkpoints.
 */
public abstract class Layer {
    private final Map<String, Weight> own = new LinkedHashMap<>();
    private final Map<String, Layer> children = new LinkedHashMap<>();
    private final List<Layer> companions = new ArrayList<>();
    private Precision precision = Precision.FP32;

    /** Declares a learned weight. */
    protected final Weight weight(String name, Initializer initializer, long... shape) {
        return declare(name, new Weight(new Shape(shape), initializer, Weight.Role.LEARNED));
    }

    /** Declares a table that is fixed by construction; whether it trains is the trainer's decision. */
    protected final Weight table(String name, Initializer initializer, long... shape) {
        return declare(name, new Weight(new Shape(shape), initializer, Weight.Role.TABLE));
    }

    /** Declares state that belongs to checkpoints but is no parameter: it never trains and is not counted. */
    protected final Weight buffer(String name, Initializer initializer, long... shape) {
        return declare(name, new Weight(new Shape(shape), initializer, Weight.Role.BUFFER));
    }

    /** Declares a child. A name with dots, such as {@code "mlp.0"}, adds as many levels. */
    protected final <L extends Layer> L child(String name, L layer) {
        if (children.put(name, layer) != null) {
            throw new IllegalStateException("child " + name + ": declared twice");
        }
        return layer;
    }

    /**
     * Declares a layer that works in this one and belongs to nobody here, such as a frozen model that others share: its
     * weights are not among {@link #weights}, so they are neither trained nor averaged nor stored; its precision follows.
     */
    protected final <L extends Layer> L companion(L layer) {
        companions.add(layer);
        return layer;
    }

    private Weight declare(String name, Weight weight) {
        if (own.put(name, weight) != null) {
            throw new IllegalStateException("weight " + name + ": declared twice");
        }
        return weight;
    }

    /** All weights below this layer by dotted name, in order of declaration. */
    public final Map<String, Weight> weights() {
        Map<String, Weight> all = new LinkedHashMap<>();
        collect("", all);
        return all;
    }

    private void collect(String prefix, Map<String, Weight> all) {
        own.forEach((name, weight) -> all.put(prefix + name, weight));
        children.forEach((name, layer) -> layer.collect(prefix + name + ".", all));
    }

    /**
     * Chooses the type of the matrix products of this layer and all below it, for every call from now on.
     *
     * <p>A property of the model like its weights: other models, and other threads that run them, are not affected.
     * Weights stay float32. The default is float32.
     */
    public final void setPrecision(Precision chosen) {
        precision = chosen;
        children.values().forEach(child -> child.setPrecision(chosen));
        companions.forEach(layer -> layer.setPrecision(chosen));
    }

    /** The type of the matrix products. */
    public final Precision precision() {
        return precision;
    }

    /** Name and shape of every weight. */
    public final Map<String, Shape> shapes() {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        weights().forEach((name, weight) -> shapes.put(name, weight.shape()));
        return shapes;
    }

    /** How many numbers the model has, buffers left out; needs no memory for them. */
    public final long parameterCount() {
        return weights().values().stream()
                .filter(w -> !w.isBuffer())
                .mapToLong(w -> w.shape().size())
                .sum();
    }

    /** Draws initial values, each weight from a stream of its own name, into arrays of {@code manager}. */
    public final void initialize(NDManager manager, SeedTree seeds) {
        weights().forEach((name, weight) -> {
            float[] values = new float[Math.toIntExact(weight.shape().size())];
            weight.initializer().fill(values, seeds.child(name).stream());
            weight.bind(EngineArray.of(manager, values, weight.shape()));
        });
    }

    /**
     * Takes all weights from a state dict, converted to float32, into arrays of {@code manager}.
     *
     * @param ignorable names that the state dict may have although the model does not
     * @throws IllegalArgumentException naming what is missing, unexpected or of another shape
     */
    public final void load(NDManager manager, StateDict state, Predicate<String> ignorable) {
        LoadReport.compare(state, shapes(), ignorable).requireClean();
        weights().forEach((name, weight) -> weight.bind(state.get(name).toArray(manager, DataType.FLOAT32)));
    }

    /** Takes all weights from a state dict that has exactly the model's names. */
    public final void load(NDManager manager, StateDict state) {
        load(manager, state, name -> false);
    }

    /** The bound arrays by name; views of the live weights, not copies. */
    public final Map<String, NDArray> arrays() {
        Map<String, NDArray> arrays = new LinkedHashMap<>();
        weights().forEach((name, weight) -> arrays.put(name, weight.get()));
        return arrays;
    }

    /**
     * Marks the weights that {@code trainable} accepts for differentiation and returns their arrays in order; buffers are
     * left out whatever it says.
     *
     * @param trainable decides by weight, such as {@code w -> !w.isTable()}
     */
    public final NDList requireGradients(Predicate<Weight> trainable) {
        NDList arrays = new NDList();
        for (Weight weight : weights().values()) {
            if (!weight.isBuffer() && trainable.test(weight)) {
                weight.get().setRequiresGradient(true);
                arrays.add(weight.get());
            }
        }
        return arrays;
    }
}
