// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Compares a new model's names, shapes and initial values with the rules of golden cases. */
final class InitParity {
    /** Statistics of one draw may be this many standard errors off. */
    private static final double ERRORS = 6;

    private InitParity() {}

    static void run(FixtureCase fixture, Checker out) {
        DiffusionTransformer model = ModelConfigs.model(fixture.keys());
        model.initialize(fixture.manager(), SeedTree.of(1));
        Map<String, Weight> weights = model.weights();
        Set<String> names = new TreeSet<>();
        for (JsonNode rule : fixture.keys().require("expected")) {
            String name = rule.get("name").asText();
            names.add(name);
            if (weights.containsKey(name)) {
                check(name, rule, weights.get(name), out);
            }
        }
        if (!names.equals(new TreeSet<>(weights.keySet()))) {
            out.fail("names: expected " + names + ", got " + weights.keySet());
        }
    }

    private static void check(String name, JsonNode rule, Weight weight, Checker out) {
        long[] shape = new long[rule.get("shape").size()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = rule.get("shape").get(i).asLong();
        }
        expect(out, weight.shape().equals(new Shape(shape)), name + ".shape", rule.get("shape"), weight.shape());
        boolean isFixed = !rule.path("requires_grad_at_construction").asBoolean(!weight.isTable());
        expect(out, weight.isTable() == isFixed, name + ".isTable", isFixed, weight.isTable());
        switch (rule.get("rule").asText()) {
            case "sincos" -> out.check(name, weight.get());
            case "constant" -> {
                float value = (float) rule.get("value").asDouble();
                boolean isConstant = weight.get().eq(value).all().getBoolean();
                expect(out, isConstant, name, "all " + value, weight.get());
            }
            case "uniform" -> {
                double bound = rule.get("bound").asDouble();
                double largest = weight.get().abs().max().getFloat();
                expect(out, largest <= bound * (1 + 1e-6), name, "at most " + bound, largest);
                spread(name, weight.get(), bound / Math.sqrt(3), 0.2, out);
            }
            case "normal" -> spread(name, weight.get(), rule.get("sigma").asDouble(), 0.5, out);
            default -> out.fail(name + ": expected a known rule, got " + rule);
        }
    }

    /** Mean 0 and the standard deviation; {@code variance / n} is the squared relative error of the latter. */
    private static void spread(String name, NDArray values, double want, double variance, Checker out) {
        double n = values.size();
        double mean = values.mean().getFloat();
        double std = Math.sqrt(values.sub((float) mean).square().mean().getFloat());
        double tolerance = ERRORS * want * Math.sqrt(variance / n);
        expect(out, Math.abs(std - want) <= tolerance, name + ".std", want + " +- " + tolerance, std);
        expect(out, Math.abs(mean) <= ERRORS * want / Math.sqrt(n), name + ".mean", "0", mean);
    }

    private static void expect(Checker out, boolean holds, String subject, Object want, Object got) {
        if (!holds) {
            out.fail(subject + ": expected " + want + ", got " + got);
        }
    }
}
