// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.dit.transport.DiffusionForm;
import ai.dsr.dit.transport.LossWeight;
import ai.dsr.dit.transport.PathParams;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.Phase;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.ProbabilityPath;
import ai.dsr.dit.transport.TimeInterval;
import ai.dsr.dit.transport.TimeShift;
import ai.dsr.dit.transport.TokenWeighting;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.dit.transport.TransportLoss;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.KindHandler;
import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Runs the golden cases of paths, training times, intervals and losses; lists those of sampling and guidance. */
final class TransportParity {
    /** Handlers by kind. */
    static final Map<String, KindHandler> HANDLERS = Map.of(
            "transport.path", TransportParity::path,
            "transport.time", TransportParity::time,
            "transport.interval", TransportParity::interval,
            "transport.loss", TransportParity::loss,
            "transport.sample", SamplingParity::sample,
            "dit.guidance", SamplingParity::guidance);

    private static final double SAME = 1e-12;

    private TransportParity() {}

    /** The transport that the keys of a case describe. */
    static TransportConfig config(ConfigKeys keys) {
        JsonNode shift = keys.optional("time_dist_shift");
        return new TransportConfig(
                PathType.of(text(keys.optional("path_type"), "Linear")),
                prediction(text(keys.optional("prediction"), "velocity")),
                lossWeight(text(keys.optional("loss_weight"), "none")),
                text(keys.optional("time_dist_type"), "uniform"),
                shift.asDouble(1),
                number(keys.optional("train_eps")),
                number(keys.optional("sample_eps")),
                keys.optional("t_eps").asDouble(0.05),
                pathParams(keys.object("path_params")));
    }

    /** The cases follow a rule that the library does not: an unknown prediction means velocity. */
    private static Prediction prediction(String text) {
        try {
            return Prediction.of(text);
        } catch (IllegalArgumentException e) {
            return Prediction.VELOCITY;
        }
    }

    /** The cases follow a rule that the library does not: an unknown weight means none. */
    private static LossWeight lossWeight(String text) {
        try {
            return LossWeight.of(text);
        } catch (IllegalArgumentException e) {
            return LossWeight.NONE;
        }
    }

    private static PathParams pathParams(ConfigKeys keys) {
        return new PathParams(
                keys.optional("sigma_min").asDouble(PathParams.STANDARD.sigmaMin()),
                keys.optional("sigma_max").asDouble(PathParams.STANDARD.sigmaMax()));
    }

    private static String text(JsonNode node, String absent) {
        return node.isMissingNode() || node.isNull() ? absent : node.asText();
    }

    private static Double number(JsonNode node) {
        return node.isMissingNode() || node.isNull() ? null : (Double) node.asDouble();
    }

    private static void path(FixtureCase fixture, Checker out) {
        ProbabilityPath path = new Transport(config(fixture.keys())).path();
        double norm = fixture.keys().optional("diffusion_norm").asDouble(1);
        NDArray t = fixture.in("t");
        NDArray x0 = fixture.in("x0");
        NDArray x1 = fixture.in("x1");
        NDArray x = fixture.in("x");
        NDArray velocity = fixture.in("velocity");
        out.check("alpha", path.alpha(t));
        out.check("d_alpha", path.alphaSlope(t));
        out.check("sigma", path.sigma(t));
        out.check("d_sigma", path.sigmaSlope(t));
        out.check("d_alpha_over_alpha", path.alphaLogSlope(t));
        out.check("drift_var", path.driftVariance(t));
        out.check("mu_t", path.interpolate(x1, x0, t));
        out.check("x_t", path.interpolate(x1, x0, t));
        out.check("u_t", path.velocity(x1, x0, t));
        out.check("drift_mean", path.driftMean(x, t));
        out.check("score_from_velocity", path.scoreFromVelocity(velocity, x, t));
        out.check("noise_from_velocity", path.noiseFromVelocity(velocity, x, t));
        out.check("velocity_from_score", path.velocityFromScore(fixture.in("score"), x, t));
        fixture.outNames().stream()
                .filter(name -> name.startsWith("diffusion/"))
                .forEach(name -> out.check(
                        name,
                        DiffusionForm.of(name.substring("diffusion/".length())).at(path, t, norm)));
    }

    private static void time(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        TransportConfig config = config(keys);
        Transport transport = new Transport(config);
        out.check("t", transport.trainTimes(fixture.in("u")));
        if (keys.isGiven("interval")) {
            TimeInterval interval = transport.odeInterval(Phase.TRAINING);
            same(out, "start", keys.require("interval").get(0).asDouble(), interval.start());
            same(out, "end", keys.require("interval").get(1).asDouble(), interval.end());
        }
        if (keys.isGiven("effective_train_eps")) {
            same(out, "margin", keys.require("effective_train_eps").asDouble(), config.margin(Phase.TRAINING));
        }
        if (keys.isGiven("time_dist_shift_dim")) {
            double base = keys.optional("time_dist_shift_base").asDouble(4096);
            double dimension = keys.require("time_dist_shift_dim").asDouble();
            same(out, "shift", config.timeDistShift(), TimeShift.factor(dimension, base));
        }
    }

    private static void same(Checker out, String name, double want, double got) {
        if (Math.abs(want - got) > SAME) {
            out.fail(name + ": expected " + want + ", got " + got);
        }
    }

    private static void interval(FixtureCase fixture, Checker out) {
        Set<JsonNode> failing = new HashSet<>();
        fixture.keys().optional("reference_fails").forEach(failing::add);
        List<TimeInterval> rows = new ArrayList<>();
        for (JsonNode query : fixture.keys().require("queries")) {
            if (!failing.contains(query)) {
                rows.add(answer(query));
            }
        }
        double[] values = rows.stream()
                .flatMap(row -> List.of(row.start(), row.end()).stream())
                .mapToDouble(Double::doubleValue)
                .toArray();
        out.check("interval", values, rows.size(), 2);
    }

    private static TimeInterval answer(JsonNode query) {
        TransportConfig config = new TransportConfig(
                PathType.of(text(query.path("path_type"), "Linear")),
                prediction(text(query.path("prediction"), "velocity")),
                null,
                "uniform",
                1,
                number(query.path("train_eps")),
                number(query.path("sample_eps")),
                0.05,
                null);
        Transport transport = new Transport(config);
        Phase phase = query.path("eval").asBoolean() ? Phase.SAMPLING : Phase.TRAINING;
        TimeInterval interval = query.path("sde").asBoolean()
                ? transport.sdeInterval(
                        phase,
                        DiffusionForm.of(text(query.path("diffusion_form"), "SBDM")),
                        query.path("last_step_size").asDouble())
                : transport.odeInterval(phase);
        return query.path("reverse").asBoolean() ? interval.reversed() : interval;
    }

    private static void loss(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        Transport transport = new Transport(config(keys));
        TokenWeighting weighting = new TokenWeighting(
                keys.optional("outlier_token_norm").asDouble(-1),
                keys.optional("token_norm_shift").asBoolean(),
                keys.optional("logit_normal_scheduler").asBoolean(),
                keys.optional("eps").asDouble(1e-12));
        NDArray norm = fixture.hasIn("token_norm") ? fixture.in("token_norm") : null;
        NDArray x1 = fixture.in("x1");
        NDArray x0 = fixture.in("x0");
        NDArray t = fixture.in("t");
        NDArray output = fixture.in("model_output");
        output.setRequiresGradient(true);
        out.check("x_t", transport.sample(x1, x0, t).x());
        try (Autograd tape = Autograd.record()) {
            TransportLoss loss = transport.loss(output, x1, x0, t, new Transport.Tokens(norm, weighting));
            out.check("final_loss", loss.elements());
            out.check("loss", loss.samples());
            out.check("total_loss", loss.total());
            if (loss.tokenWeight() != null) {
                out.check("token_weight", loss.tokenWeight());
            }
            out.checkGrad(
                    "model_output",
                    tape.gradients(loss.total(), new NDList(output)).get(0));
        }
    }
}
