// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.ParameterRecipe;
import java.util.LinkedHashMap;
import java.util.Map;

/** State dicts by {@link ParameterRecipe}: values that follow from names and shapes. */
public final class RecipeWeights {
    private RecipeWeights() {}

    /** A value for every weight of these names and shapes. */
    public static StateDict of(Map<String, Shape> shapes) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        shapes.forEach((name, shape) ->
                tensors.put(name, TensorData.of(ParameterRecipe.values(name, shape.getShape()), shape.getShape())));
        return StateDict.of("recipe", tensors);
    }

    /** The same and some more. */
    static StateDict of(String source, Map<String, Shape> shapes, Map<String, TensorData> more) {
        Map<String, TensorData> tensors = new LinkedHashMap<>(of(shapes).toMap());
        tensors.putAll(more);
        return StateDict.of(source, tensors);
    }
}
