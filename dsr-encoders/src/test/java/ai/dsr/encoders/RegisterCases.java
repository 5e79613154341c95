// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.io.Json;
import ai.dsr.core.kernel.RegisterKernels.Fill;
import ai.dsr.encoders.register.NeuronSearch;
import ai.dsr.encoders.register.NeuronSearchConfig;
import ai.dsr.encoders.register.OutlierNorms;
import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.encoders.register.RankedNeuron;
import ai.dsr.encoders.register.RegisterNeurons;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.TestTimeRegisters;
import ai.dsr.encoders.vit.EncoderFamily;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.encoders.vit.MlpHook;
import ai.dsr.encoders.vit.ViT;
import ai.dsr.encoders.vit.ViTBackbone;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;

/** Golden cases of test-time registers and outlier statistics. */
final class RegisterCases {
    private RegisterCases() {}

    static void intervene(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("interpolate_pos_encoding");
        try (NDManager weights = fixture.manager().newSubManager()) {
            ViTBackbone network = network(fixture, weights);
            RegisterNeurons neurons = RegisterNeurons.ofJson(keys.require("neurons_to_ablate"), "neurons_to_ablate");
            encode(
                    fixture,
                    out,
                    network,
                    plan(keys, neurons, keys.require("variant").asText()));
        }
    }

    static void discover(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        try (NDManager weights = fixture.manager().newSubManager()) {
            NeuronSearch search = new NeuronSearch(network(fixture, weights), search(keys, keys), false);
            search.add(fixture.in("pixel_values"));
            out.check("layer_norms", flat(search.norms()), search.norms().length, search.norms()[0].length);
            boolean[][] mask = search.outliers();
            long[] bits = new long[mask.length * mask[0].length];
            for (int i = 0; i < bits.length; i++) {
                bits[i] = mask[i / mask[0].length][i % mask[0].length] ? 1 : 0;
            }
            out.check("outlier_mask", bits, mask.length, mask[0].length);
            out.check("scores", flat(search.scores()), search.scores().length, search.scores()[0].length);
            ranked(out, "ranked", search);
            double[] values =
                    search.ranked().stream().mapToDouble(RankedNeuron::score).toArray();
            out.check("ranked_scores", values);
            expect(out, keys.object("expected"), "neurons_to_ablate", search.neurons());
        }
    }

    static void recursive(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        ConfigKeys expected = keys.object("expected");
        NDArray pixels = fixture.in("pixel_values");
        try (NDManager weights = fixture.manager().newSubManager()) {
            ViTBackbone network = network(fixture, weights);
            NeuronSearch first = new NeuronSearch(network, search(keys.object("first"), keys), false);
            first.add(pixels);
            pass(out, "first", first, expected);
            String rows = keys.require("second_pass_register_rows").asText();
            RegisterPlan plan = plan(keys, first.neurons(), "dsr");
            ViTBackbone withFirst = rows.equals("none")
                    ? TestTimeRegisters.withoutRows(network, plan)
                    : TestTimeRegisters.of(network, plan);
            NeuronSearch second =
                    new NeuronSearch(withFirst, search(keys.object("second"), keys), rows.equals("included"));
            second.add(pixels);
            pass(out, "second", second, expected);
            RegisterNeurons merged = first.neurons().merge(second.neurons());
            expect(out, expected, "neurons_to_ablate_merge", merged);
            encode(fixture, out, network, plan.withNeurons(merged));
        }
    }

    static void norms(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        OutlierRule rule = new OutlierRule(number(keys, "threshold"), number(keys, "ratio"));
        OutlierNorms norms = OutlierNorms.of(
                fixture.in("hidden_states"),
                keys.require("num_prefix_tokens").asInt(),
                keys.require("num_suffix_tokens").asInt(),
                rule);
        out.check("norms", norms.norms());
        out.check("max", norms.max());
        out.check("median", norms.median());
        out.check("median_lower", norms.medianLower());
        out.check("ratio", norms.ratio());
        out.check("mean_max", norms.meanMax());
        out.check("layer_median", norms.layerMedian());
        out.check("layer_max", norms.layerMax());
        out.check("count", norms.count());
        out.check("flags", norms.flags());
    }

    private static ViTBackbone network(FixtureCase fixture, NDManager weights) {
        String family = fixture.keys().require("family").asText();
        HfConfig hf = new HfConfig(fixture.keys().require("hf_config"), "hf_config");
        EncoderFamily kind = EncoderFamily.valueOf(family.toUpperCase(Locale.ROOT));
        return ViT.of(kind.network(hf), Cases.state(fixture), weights);
    }

    private static RegisterPlan plan(ConfigKeys keys, RegisterNeurons neurons, String variant) {
        JsonNode scale = keys.require("scale");
        List<Double> scales = new ArrayList<>();
        if (scale.isArray()) {
            scale.forEach(value -> scales.add(value.asDouble()));
        } else {
            scales.add(scale.asDouble());
        }
        return new RegisterPlan(
                neurons,
                keys.require("num_registers").asInt(),
                scales,
                Fill.valueOf(keys.require("normal_values").asText().toUpperCase(Locale.ROOT)),
                RegisterPlan.Variant.valueOf(variant.toUpperCase(Locale.ROOT)),
                true,
                null);
    }

    private static NeuronSearchConfig search(ConfigKeys pass, ConfigKeys shared) {
        double fraction = shared.require("sparsity_frac_threshold").asDouble();
        double activation = shared.require("sparsity_activation_threshold").asDouble();
        boolean filters = pass.require("apply_sparsity_filter").asBoolean();
        return new NeuronSearchConfig(
                pass.require("detect_outliers_layer").asInt(),
                OutlierRule.above(pass.require("register_norm_threshold").asDouble()),
                pass.require("top_k").asInt(),
                pass.require("lowest_layer").asInt(),
                pass.require("highest_layer").asInt(),
                filters ? new NeuronSearchConfig.Sparsity(fraction, activation) : null,
                true);
    }

    private static void pass(Checker out, String name, NeuronSearch search, ConfigKeys expected) {
        out.check(name + "_norms", flat(search.norms()), search.norms().length, search.norms()[0].length);
        out.check(name + "_scores", flat(search.scores()), search.scores().length, search.scores()[0].length);
        ranked(out, name + "_ranked", search);
        expect(out, expected, name, search.neurons());
    }

    private static void ranked(Checker out, String name, NeuronSearch search) {
        long[] pairs = search.ranked().stream()
                .flatMapToLong(r -> LongStream.of(r.layer(), r.neuron()))
                .toArray();
        out.check(name, pairs, pairs.length / 2, 2);
    }

    private static void expect(Checker out, ConfigKeys expected, String key, RegisterNeurons got) {
        String want = Json.canonical(expected.require(key));
        if (!want.equals(Json.canonical(got.toJson()))) {
            out.fail(key + ": expected " + want + ", got " + Json.canonical(got.toJson()));
        }
    }

    private static void encode(FixtureCase fixture, Checker out, ViTBackbone network, RegisterPlan plan) {
        boolean isFamilyAffine = !fixture.keys().require("family").asText().equals("siglip2");
        boolean isAffine = !fixture.keys().optional("normalize").asBoolean(!isFamilyAffine);
        TestTimeRegisters registers = TestTimeRegisters.of(network, plan);
        List<NDArray> states = registers.hiddenStates(fixture.in("pixel_values"), MlpHook.NONE);
        NDArray last = states.get(states.size() - 1);
        int prefix = registers.prefixTokens();
        long end = last.getShape().get(1) - registers.suffixTokens();
        NDArray normed = registers.norm(last, isAffine);
        out.check("pre_ln", rows(last, prefix, end));
        out.check("post_ln", rows(normed, prefix, end));
        if (fixture.hasOut("cls_pre_ln")) {
            out.check("cls_pre_ln", rows(last, 0, 1).squeeze(1));
            out.check("cls_post_ln", rows(normed, 0, 1).squeeze(1));
        }
        if (fixture.hasOut("hidden_states")) {
            out.check("hidden_states", NDArrays.stack(new NDList(states)));
        }
    }

    private static NDArray rows(NDArray x, long from, long to) {
        return x.get(new NDIndex().addAllDim().addSliceDim(from, to));
    }

    private static Double number(ConfigKeys keys, String key) {
        return keys.isGiven(key) ? keys.require(key).asDouble() : null;
    }

    private static float[] flat(float[][] rows) {
        float[] all = new float[rows.length * rows[0].length];
        for (int i = 0; i < rows.length; i++) {
            System.arraycopy(rows[i], 0, all, i * rows[0].length, rows[i].length);
        }
        return all;
    }
}
