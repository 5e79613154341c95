// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
final class LayerTest {
    @Test
    void weightsHaveDottedNamesInTheOrderOfDeclaration() {
        Layer pair = new Pair(false);

        assertEquals(
                List.of("scale", "positions", "mlp.0.weight", "mlp.0.bias", "norm.weight"),
                List.copyOf(pair.weights().keySet()));
        assertEquals(new Shape(3, 2), pair.shapes().get("mlp.0.weight"));
        assertTrue(pair.weights().get("positions").isTable());
        assertFalse(pair.weights().get("scale").isTable());
    }

    @Test
    void buffersAreStoredButNeitherCountedNorTrained(NDManager manager) {
        Layer layer = new WithBuffer();
        layer.initialize(manager, SeedTree.of(1));

        assertEquals(List.of("w", "state"), List.copyOf(layer.arrays().keySet()));
        assertTrue(layer.weights().get("state").isBuffer());
        assertFalse(layer.weights().get("state").isTable());
        assertEquals(2, layer.parameterCount());
        assertEquals(1, layer.requireGradients(weight -> true).size());
        assertFalse(layer.arrays().get("state").hasGradient());
        assertEquals(1, layer.arrays().get("state").norm().getFloat(), 1e-6);
    }

    private static final class WithBuffer extends Layer {
        private WithBuffer() {
            weight("w", Initializer.ones(), 2);
            buffer("state", Initializer.direction(), 5);
        }
    }

    @Test
    void namesDeclaredTwiceAreRefused() {
        IllegalStateException weight = assertThrows(IllegalStateException.class, () -> new Twice(true));
        assertEquals("weight w: declared twice", weight.getMessage());
        IllegalStateException child = assertThrows(IllegalStateException.class, () -> new Twice(false));
        assertEquals("child c: declared twice", child.getMessage());
    }

    @Test
    void parametersAreCountedWithoutMemoryForThem() {
        Dense huge = Dense.of(1_000_000, 1_000_000, true);

        assertEquals(1_000_001_000_000L, huge.parameterCount());
        assertFalse(huge.weights().get("weight").isBound());
    }

    @Test
    void aWeightWithoutValuesSaysWhatToDo() {
        IllegalStateException error = assertThrows(
                IllegalStateException.class,
                () -> new RMSNorm(2).weights().get("weight").get());
        assertEquals("weight (2): initialize or load the model first", error.getMessage());
    }

    @Test
    void initialValuesDependOnTheNameAndNotOnTheOrder(NDManager manager) {
        Pair one = new Pair(false);
        Pair other = new Pair(true);
        one.initialize(manager, SeedTree.of(1));
        other.initialize(manager, SeedTree.of(1));

        assertFalse(List.copyOf(one.weights().keySet())
                .equals(List.copyOf(other.weights().keySet())));
        one.arrays()
                .forEach((name, array) -> assertArrayEquals(
                        array.toFloatArray(), other.arrays().get(name).toFloatArray(), name));
        Pair reseeded = new Pair(false);
        reseeded.initialize(manager, SeedTree.of(2));
        assertFalse(reseeded.arrays().get("scale").contentEquals(one.arrays().get("scale")));
    }

    @Test
    void loadingTakesEveryTensorByName(NDManager manager) {
        Pair source = new Pair(false);
        source.initialize(manager, SeedTree.of(1));
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        source.arrays().forEach((name, array) -> tensors.put(name, TensorData.of(array)));
        tensors.put("mask_token", TensorData.of(new float[1], 1));
        Pair target = new Pair(true);
        target.load(manager, StateDict.of("model.safetensors", tensors), "mask_token"::equals);

        source.arrays()
                .forEach((name, array) -> assertArrayEquals(
                        array.toFloatArray(), target.arrays().get(name).toFloatArray(), name));
    }

    @Test
    void aStateDictThatDoesNotFitIsRefusedByName(NDManager manager) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        tensors.put("weight", TensorData.of(new float[6], 2, 3));
        tensors.put("gamma", TensorData.of(new float[3], 3));
        Dense layer = Dense.of(2, 3, true);
        IllegalArgumentException error = assertThrows(
                IllegalArgumentException.class, () -> layer.load(manager, StateDict.of("model.safetensors", tensors)));

        assertEquals(
                "model.safetensors: 1 name missing (bias), 1 unexpected (gamma),"
                        + " 1 misshapen (weight: expected (3, 2), got (2, 3))",
                error.getMessage());
        assertFalse(layer.weights().get("weight").isBound());
    }

    @Test
    void onlyAcceptedWeightsAreMarkedForDifferentiation(NDManager manager) {
        Pair pair = new Pair(false);
        pair.initialize(manager, SeedTree.of(1));
        NDList trained = pair.requireGradients(weight -> !weight.isTable());

        assertEquals(4, trained.size());
        assertTrue(pair.arrays().get("scale").hasGradient());
        assertFalse(pair.arrays().get("positions").hasGradient());
    }

    @Test
    void initializersKeepTheirBoundsAndMoments() {
        float[] values = new float[10_000];
        Initializer.xavier(2, 4).fill(values, SeedTree.of(1).stream());
        double sum = 0;
        for (float value : values) {
            assertTrue(Math.abs(value) <= 1, () -> "value " + value); // sqrt(6 / 6)
            sum += value;
        }
        assertEquals(0, sum / values.length, 0.03);
        Initializer.normal(0.02).fill(values, SeedTree.of(1).stream());
        double squares = 0;
        for (float value : values) {
            squares += (double) value * value;
        }
        assertEquals(0.02, Math.sqrt(squares / values.length), 0.001);
        Initializer.fanIn(16).fill(values, SeedTree.of(1).stream());
        for (float value : values) {
            assertTrue(Math.abs(value) <= 0.25, () -> "value " + value);
        }
    }

    /** A layer with a child of a dotted name, declared in either order. */
    private static final class Pair extends Layer {
        Pair(boolean isReversed) {
            if (isReversed) {
                child("norm", new RMSNorm(3));
                child("mlp.0", Dense.of(2, 3, true));
                table("positions", Initializer.normal(1), 2);
                weight("scale", Initializer.normal(1), 5);
            } else {
                weight("scale", Initializer.normal(1), 5);
                table("positions", Initializer.normal(1), 2);
                child("mlp.0", Dense.of(2, 3, true));
                child("norm", new RMSNorm(3));
            }
        }
    }

    /** Declares a weight or a child of one name again. */
    private static final class Twice extends Layer {
        Twice(boolean isWeight) {
            for (int i = 0; i < 2; i++) {
                if (isWeight) {
                    weight("w", Initializer.zeros(), 1);
                } else {
                    child("c", new RMSNorm(1));
                }
            }
        }
    }
}
