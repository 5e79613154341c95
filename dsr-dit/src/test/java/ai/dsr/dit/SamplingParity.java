// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.dit.guidance.AutoGuidance;
import ai.dsr.dit.guidance.ClassifierFreeGuidance;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceInterval;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.dit.solver.LastStep;
import ai.dsr.dit.solver.NoiseSource;
import ai.dsr.dit.solver.Predictor;
import ai.dsr.dit.solver.Sampler;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.dit.solver.SamplerMode;
import ai.dsr.dit.solver.Solution;
import ai.dsr.dit.transport.DiffusionForm;
import ai.dsr.dit.transport.Transport;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/** Runs the golden cases of whole sampling runs and of guided models. */
final class SamplingParity {
    private SamplingParity() {}

    static void sample(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("nfe", "model"); // the count is informative, the sizes are those of the parameters
        SamplerConfig config = sampler(keys.require("mode").asText(), keys.object("sampler"));
        Sampler sampler = new Sampler(new Transport(TransportParity.config(keys)), config);
        NDManager manager = fixture.manager();
        NDArray x = fixture.in("x_init");
        NDList states = new NDList();
        boolean isSde = config.mode() == SamplerMode.SDE;
        if (!isSde) {
            states.add(x);
        }
        NoiseSource noise = isSde ? (step, owner) -> noise(fixture.in("noise"), step, owner) : null;
        Solution solution = sampler.sample(predictor(fixture), x, noise, (step, steps, t, state) -> {
            if (step < sampler.grid().size()) {
                NDArray copy = state.duplicate();
                copy.attach(manager);
                states.add(copy);
            }
        });
        if (isSde) {
            states.add(solution.x());
        }
        out.check("t", sampler.grid().toArray());
        out.check("x", NDArrays.stack(states));
    }

    private static NDArray noise(NDArray all, int step, NDManager owner) {
        NDArray draw = all.get(step);
        draw.attach(owner);
        return draw;
    }

    private static SamplerConfig sampler(String mode, ConfigKeys keys) {
        JsonNode clamp = keys.optional("clamp_pred");
        JsonNode last = keys.optional("last_step");
        return new SamplerConfig(
                SamplerMode.of(mode),
                keys.require("sampling_method").asText(),
                keys.require("num_steps").asInt(),
                keys.optional("atol").asDouble(1e-6),
                keys.optional("rtol").asDouble(1e-3),
                keys.optional("reverse").asBoolean(),
                clamp.isNumber() ? (Double) clamp.asDouble() : null,
                DiffusionForm.of(keys.optional("diffusion_form").asText("sigma")),
                keys.optional("diffusion_norm").asDouble(1),
                last.isTextual() ? LastStep.of(last.asText()) : LastStep.NONE,
                keys.optional("last_step_size").asDouble(0));
    }

    /** The case's model with its labels, guided as the case says, on the doubled batch that guided cases store. */
    private static Predictor predictor(FixtureCase fixture) {
        Denoiser model = new TinyDenoiser(fixture::param);
        NDArray y = fixture.in("y");
        if (!fixture.keys().isGiven("guidance")) {
            return (x, t) -> model.forward(x, t, labels(y, x));
        }
        ConfigKeys keys = fixture.keys().object("guidance");
        String network = keys.require("model").asText();
        Call call = call(
                network,
                keys.require("method").asText(),
                keys.require("scale").asDouble(),
                keys.optional("cfg_interval"),
                keys.optional("interval_cfg").asDouble(0));
        Denoiser guide = call.isCfg() ? null : new TinyDenoiser(name -> fixture.param("guidance." + name));
        return (x, t) -> call.run(model, guide, x, t, labels(y, x));
    }

    private static NDArray labels(NDArray y, NDArray x) {
        NDArray view = y.reshape(y.getShape());
        view.attach(x.getManager());
        return view;
    }

    static void guidance(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        String network = keys.require("model").path("model").asText();
        Denoiser model = ModelParity.load(fixture, keys.object("model"), "");
        Denoiser guide = keys.isGiven("guide") ? ModelParity.load(fixture, keys.object("guide"), "guide/") : null;
        for (JsonNode entry : keys.require("calls")) {
            Call call = call(
                    network,
                    entry.path("method").asText(),
                    entry.path("cfg_scale").asDouble(),
                    entry.path("cfg_interval"),
                    entry.path("interval_cfg").asDouble(0));
            String name = entry.path("name").asText();
            out.check(name, call.run(model, guide, fixture.in("x"), fixture.in("t." + name), fixture.in("y")));
        }
    }

    /** The two networks differ in their rule of times: a list of pairs to skip, or one interval to guide in. */
    private static Call call(String network, String method, double scale, JsonNode times, double intervalCfg) {
        boolean isList = network.equals("LightningDiT");
        GuidanceMethod kind = GuidanceMethod.of(method);
        if (!isList) {
            double low = times.path(0).asDouble(0);
            double high = times.path(1).asDouble(1);
            return new Call(new GuidanceConfig(kind, scale, low, high, null, null, 0, null), false);
        }
        List<List<Double>> pairs = new ArrayList<>();
        times.forEach(
                pair -> pairs.add(List.of(pair.get(0).asDouble(), pair.get(1).asDouble())));
        return new Call(new GuidanceConfig(kind, scale, 0, 1, null, pairs, intervalCfg, null), true);
    }

    /**
     * A guided call as stored: on a batch whose halves are the samples and the samples without label.
     *
     * @param isHalved whether autoguidance looks at the first half alone
     */
    private record Call(GuidanceConfig config, boolean isHalved) {
        boolean isCfg() {
            return config.method() == GuidanceMethod.CFG;
        }

        NDArray run(Denoiser model, Denoiser guide, NDArray x, NDArray t, NDArray y) {
            GuidanceInterval interval = config.interval(model.conditioning());
            if (!isCfg()) {
                Denoiser guided = new AutoGuidance(model, guide, config.scale(), interval);
                return isHalved ? halves(guided, x, t, y) : guided.forward(x, t, y);
            }
            int nullLabel = (int) y.toLongArray()[(int) y.size() - 1];
            ClassLabels labels = ClassLabels.of(model).withNullLabel(nullLabel);
            return halves(new ClassifierFreeGuidance(model, config.scale(), interval, labels), x, t, y);
        }

        private static NDArray halves(Denoiser guided, NDArray x, NDArray t, NDArray y) {
            NDArray half = guided.forward(half(x), half(t), half(y));
            return half.concat(half, 0);
        }

        private static NDArray half(NDArray x) {
            return x.get(new NDIndex().addSliceDim(0, x.getShape().get(0) / 2));
        }
    }
}
