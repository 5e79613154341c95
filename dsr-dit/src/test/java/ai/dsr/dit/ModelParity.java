// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.dit.model.ActivationTap;
import ai.dsr.dit.model.DiTDH;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.KindHandler;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Runs the golden cases of whole models: outputs, inner activations, gradients, sizes. */
final class ModelParity {
    /** Handlers by kind. */
    static final Map<String, KindHandler> HANDLERS = Map.of(
            "dit.component", ComponentParity::run,
            "dit.ddt", ModelParity::model,
            "dit.init", InitParity::run,
            "dit.lightning", ModelParity::model,
            "dit.params", ModelParity::params,
            "dit.t2i", TextParity::run);

    private ModelParity() {}

    /** The model of a configuration with the case's parameters whose names start with {@code prefix}. */
    static DiffusionTransformer load(FixtureCase fixture, ConfigKeys keys, String prefix) {
        DiffusionTransformer model = ModelConfigs.model(keys);
        load(fixture, model, prefix);
        return model;
    }

    /** Loads the case's parameters under {@code prefix}, and no others, into a layer. */
    static void load(FixtureCase fixture, Layer layer, String prefix) {
        StateDict all = params(fixture);
        StateDict own = prefix.isEmpty() ? all.without("guide/") : all.under(prefix);
        layer.load(fixture.manager(), own, DiffusionTransformer::isDerived);
    }

    /** All parameters of a case. */
    static StateDict params(FixtureCase fixture) {
        Map<String, TensorData> params = new LinkedHashMap<>();
        fixture.params().forEach((name, value) -> params.put(name, TensorData.of(value)));
        return StateDict.of("param/", params);
    }

    /** Outputs, inner activations and gradients of the case's model. */
    static void model(FixtureCase fixture, Checker out) {
        List<String> fixed = new ArrayList<>();
        fixture.keys().optional("frozen_at_construction").forEach(name -> fixed.add(name.asText()));
        boolean isFixedListed = fixture.keys().isGiven("frozen_at_construction");
        DiffusionTransformer model = load(fixture, fixture.keys(), "");
        if (isFixedListed && !fixed.stream().sorted().toList().equals(tables(model))) {
            out.fail("frozen_at_construction: expected " + fixed + ", got " + tables(model));
        }
        try (Autograd tape = Autograd.record()) {
            NDList weights = model.requireGradients(weight -> true);
            NDArray result = forward(fixture, model, (name, value) -> {
                if (fixture.hasOut(name)) {
                    out.check(name, value);
                }
            });
            out.check("out", result);
            if (fixture.hasIn("target")) {
                NDArray loss = result.sub(fixture.in("target")).square().mean();
                out.check("loss", loss);
                NDList gradients = tape.gradients(loss, weights);
                int i = 0;
                for (String name : model.weights().keySet()) {
                    checkGradient(fixture, name, gradients.get(i++), out);
                }
            }
        }
    }

    /** The reference has no gradient of a weight that took no part, such as the row for no text; ours is zero. */
    private static void checkGradient(FixtureCase fixture, String name, NDArray gradient, Checker out) {
        if (fixture.gradNames().contains(name)) {
            out.checkGrad(name, gradient);
        } else if (gradient.abs().max().getFloat() != 0) {
            out.fail("grad/" + name + ": expected zero or a stored gradient, got " + gradient);
        }
    }

    private static NDArray forward(FixtureCase fixture, DiffusionTransformer model, ActivationTap tap) {
        NDArray x = fixture.in("x");
        if (fixture.hasIn("s")) {
            return ((DiTDH) model).decode(x, fixture.in("s"), tap);
        }
        if (model instanceof TextDiT text) {
            return text.forwardAll(x, fixture.in("t"), fixture.in("y"), tap);
        }
        return model.forward(x, fixture.in("t"), fixture.in("y"), tap);
    }

    private static List<String> tables(Layer layer) {
        return layer.weights().entrySet().stream()
                .filter(entry -> entry.getValue().isTable())
                .map(Map.Entry::getKey)
                .sorted()
                .toList();
    }

    private static void params(FixtureCase fixture, Checker out) {
        for (JsonNode row : fixture.keys().require("models")) {
            DiffusionTransformer model = ModelConfigs.model(row.get("config"));
            long tables = model.weights().values().stream()
                    .filter(Weight::isTable)
                    .mapToLong(weight -> weight.shape().size())
                    .sum();
            String name = row.get("name").asText();
            compare(out, name, row.get("parameters").asLong(), model.parameterCount());
            compare(out, name, row.get("trainable_at_construction").asLong(), model.parameterCount() - tables);
            compare(out, name, row.get("forward_flops").asLong(), model.forwardFlops());
        }
    }

    private static void compare(Checker out, String model, long want, long got) {
        if (want != got) {
            out.fail(model + ": expected " + want + ", got " + got);
        }
    }
}
