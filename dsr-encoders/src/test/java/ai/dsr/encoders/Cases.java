// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Translations of golden cases into the library's types. */
final class Cases {
    private Cases() {}

    /** The parameters of a case under their published names. */
    static StateDict state(FixtureCase fixture) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        fixture.params().forEach((name, array) -> tensors.put(name, TensorData.of(array)));
        return StateDict.of(fixture.kind() + "/" + fixture.name(), tensors);
    }

    /** An input, or null if the case does not give it. */
    static NDArray input(FixtureCase fixture, String name) {
        return fixture.hasIn(name) ? fixture.in(name) : null;
    }

    /** Keys {@code image_mean} and {@code image_std}. */
    static PixelNorm pixelNorm(ConfigKeys keys) {
        return new PixelNorm(numbers(keys.require("image_mean")), numbers(keys.require("image_std")));
    }

    private static List<Double> numbers(JsonNode list) {
        List<Double> numbers = new ArrayList<>();
        list.forEach(value -> numbers.add(value.asDouble()));
        return numbers;
    }
}
