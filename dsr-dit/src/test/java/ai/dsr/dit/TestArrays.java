// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.TensorScope;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/** Random arrays of tests, decided by a seed. */
public final class TestArrays {
    private static final int CHANNELS = 3;
    private static final int HIDDEN = 5;
    private static final int CLASSES = 4;

    private TestArrays() {}

    /** Standard normal numbers. */
    public static NDArray normal(NDManager manager, long seed, long... shape) {
        int count = (int) new Shape(shape).size();
        return manager.create(SeedTree.of(seed).stream().normals(count), new Shape(shape));
    }

    /** Draws every weight, so that no gate is zero and the prediction is not trivial. */
    public static void randomize(Layer model, NDManager manager, long seed) {
        Map<String, TensorData> values = new LinkedHashMap<>();
        model.shapes().forEach((name, shape) -> {
            float[] draws = SeedTree.of(seed).child(name).stream().normals((int) shape.size());
            for (int i = 0; i < draws.length; i++) {
                draws[i] *= 0.2f;
            }
            values.put(name, TensorData.of(draws, shape.getShape()));
        });
        model.load(manager, StateDict.of("random", values));
    }

    /** A denoiser of 3 channels and 4 classes, whose output is of the size of its input. */
    public static TinyDenoiser denoiser(NDManager manager, long seed) {
        Map<String, long[]> shapes = Map.of(
                "A", new long[] {CHANNELS, CHANNELS},
                "b", new long[] {CHANNELS},
                "W1", new long[] {HIDDEN, CHANNELS},
                "W2", new long[] {CHANNELS, HIDDEN},
                "u", new long[] {HIDDEN},
                "E", new long[] {CLASSES + 1, HIDDEN});
        Map<String, NDArray> weights = new HashMap<>();
        shapes.forEach((name, shape) ->
                weights.put(name, normal(manager, seed + name.hashCode(), shape).mul(0.5)));
        return new TinyDenoiser(weights::get);
    }

    /** The array under a handle that belongs to the manager of {@code owner}, as a model's output does. */
    public static NDArray view(NDArray array, NDArray owner) {
        return TensorScope.view(array, owner.getManager());
    }
}
