// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.dit.guidance.ClassifierFreeGuidance;
import ai.dsr.dit.guidance.GuidanceInterval;
import ai.dsr.dit.model.ActivationTap;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.text.Conditioner;
import ai.dsr.dit.text.Qwen2;
import ai.dsr.dit.text.Qwen2Config;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.TensorAssert;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;

/** Runs the golden cases of the text-to-image model: the denoiser with its guidance, and what makes its condition rows. */
final class TextParity {
    private TextParity() {}

    static void run(FixtureCase fixture, Checker out) {
        String component = fixture.keys().require("component").asText();
        switch (component) {
            case "denoiser" -> denoiser(fixture, out);
            case "conditioner" -> conditioner(fixture, out);
            default ->
                throw new IllegalArgumentException("component: expected denoiser or conditioner, got " + component);
        }
    }

    private static void conditioner(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        Qwen2Config language = new Qwen2Config(
                keys.require("hidden_size").intValue(),
                keys.require("num_hidden_layers").intValue(),
                keys.require("num_attention_heads").intValue(),
                keys.require("num_key_value_heads").intValue(),
                keys.require("vocab_size").intValue(),
                keys.require("intermediate_size").intValue(),
                keys.require("rope_theta").doubleValue(),
                keys.require("rms_norm_eps").doubleValue());
        Qwen2 frozen = new Qwen2(language);
        ModelParity.load(fixture, frozen, "model.");
        Conditioner model = new Conditioner(
                frozen,
                keys.require("num_queries").intValue(),
                keys.require("z_channels").intValue());
        model.load(fixture.manager(), Conditioner.headOf(ModelParity.params(fixture)));
        NDArray ids = fixture.in("ids");
        NDArray mask = fixture.hasIn("attention_mask")
                ? fixture.in("attention_mask")
                        .get(new NDIndex(":, :{}", ids.getShape().get(1)))
                : null;
        out.check("y", model.forward(ids, mask, out::check));
    }

    private static void denoiser(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        ModelParity.model(fixture, out);
        JsonNode calls = keys.optional("calls");
        if (!calls.isEmpty()) {
            TextDiT model = (TextDiT) ModelParity.load(fixture, keys, "");
            calls.forEach(call -> out.check(call.get("name").asText(), guided(fixture, model, call)));
        }
    }

    /** A call on {@code [x, x]} and {@code [y, null rows]}; its result stands in both halves. */
    private static NDArray guided(FixtureCase fixture, TextDiT model, JsonNode call) {
        NDArray x = fixture.in("x");
        long n = x.getShape().get(0);
        NDArray times = fixture.in("t." + call.get("name").asText());
        NDArray t = times.get(new NDIndex().addSliceDim(0, n));
        TensorAssert.assertSame(t, times.get(new NDIndex().addSliceDim(n, 2 * n)));
        double low = call.get("cfg_interval").get(0).asDouble();
        double high = call.get("cfg_interval").get(1).asDouble();
        List<GuidanceInterval.Span> spans = low < high ? List.of(new GuidanceInterval.Span(low, high)) : List.of();
        GuidanceInterval rule =
                new GuidanceInterval.Skip(spans, call.get("interval_cfg").asDouble(), false);
        NDArray y = fixture.in("y");
        NDArray guided = new ClassifierFreeGuidance(model, call.get("cfg_scale").asDouble(), rule).forward(x, t, y);
        NDArray both = guided.concat(guided, 0);
        return model.config().learnSigma() ? both.concat(rest(model, x, t, y), 1) : both;
    }

    /** The further channels of {@code learn_sigma}, which guidance leaves alone. */
    private static NDArray rest(TextDiT model, NDArray x, NDArray t, NDArray y) {
        NDArray none = model.conditioning().none(x.getManager(), y.getShape());
        NDArray all = model.forwardAll(x.concat(x, 0), t.concat(t, 0), y.concat(none, 0), ActivationTap.NONE);
        return all.get(new NDIndex(":, {}:", model.config().inChannels()));
    }
}
