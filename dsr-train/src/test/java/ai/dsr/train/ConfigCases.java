// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.dsr.core.config.Config;
import ai.dsr.core.io.Json;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.solver.Sampler;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.dit.solver.TimeGrid;
import ai.dsr.dit.transport.LossWeight;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.Phase;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.sample.config.Experiment;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.train.optim.DiscriminatorConfig;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Runs the golden cases of {@code config.yaml}: what published configurations mean, by the records that runs use. */
final class ConfigCases {
    private static final double TOLERANCE = 1e-6;

    /** The files of test-time registers are no experiments. */
    private static final Set<String> REGISTER_KEYS = Set.of("model_name", "neurons_to_ablate");

    private static final Map<PathType, String> PATHS =
            Map.of(PathType.LINEAR, "ICPlan", PathType.VP, "VPCPlan", PathType.GVP, "GVPCPlan");

    /** Keys of ours that the reference's arguments do not have. */
    private static final Set<String> OURS = Set.of("decoder", "decode_normalized", "bottleneck_dim", "register_kind");

    private ConfigCases() {}

    static void resolve(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("origin", "source");
        Path file = fixture.folder().resolve("config.yaml");
        Config config = Config.load(file);
        compare("resolved", keys.require("resolved"), json(config.toMap()), out);
        Map<String, Object> effective =
                config.keys().equals(REGISTER_KEYS) ? Map.of() : effective(Experiment.load(file, List.of()), keys);
        compare("effective", keys.require("effective"), json(effective), out);
    }

    private static Map<String, Object> effective(Experiment experiment, ConfigKeys keys) {
        Map<String, Object> effective = new LinkedHashMap<>();
        if (experiment.has("stage_1")) {
            effective.put("stage_1", stage(experiment, "stage_1", experiment.rae()));
        }
        if (experiment.has("stage_2")) {
            effective.put(
                    "stage_2",
                    stage(experiment, "stage_2", experiment.denoiser().config()));
        }
        if (experiment.has("guidance.guidance_model")) {
            DiffusionTransformer guide = experiment.guide();
            effective.put("guidance_model", stage(experiment, "guidance.guidance_model", guide.config()));
            ((Map<?, ?>) effective.get("guidance_model")).remove("checkpoint");
        }
        if (experiment.has("transport")) {
            effective.put("transport", transport(experiment.transport()));
        }
        if (experiment.has("guidance")) {
            effective.put("guidance", guidance(experiment));
        }
        if (experiment.has("sampler")) {
            effective.put("sampler", sampler(experiment));
        }
        if (experiment.has("training")) {
            training(experiment, keys.require("effective"), effective);
        }
        return effective;
    }

    private static Map<String, Object> stage(Experiment experiment, String section, Record arguments) {
        Config config = experiment.config();
        Map<String, Object> all = new LinkedHashMap<>(
                Config.parse("{}", section).with("", arguments).toMap());
        all.keySet().removeAll(OURS);
        Map<String, Object> stage = new LinkedHashMap<>();
        stage.put("target", config.get(section + ".target", String.class));
        stage.put("arguments", all);
        stage.put(
                "checkpoint", config.bind(section, Experiment.StageConfig.class).ckpt());
        return stage;
    }

    private static Map<String, Object> transport(TransportConfig config) {
        Map<String, Object> transport = new LinkedHashMap<>();
        transport.put("model_type", config.prediction().name());
        transport.put(
                "loss_type",
                config.lossWeight() == LossWeight.NONE
                        ? "NONE"
                        : upper(config.lossWeight().label()));
        transport.put("path", PATHS.get(config.pathType()));
        transport.put("time_dist_type", config.timeDistType());
        transport.put("time_dist_shift", config.timeDistShift());
        transport.put("train_eps", config.margin(Phase.TRAINING));
        transport.put("sample_eps", config.margin(Phase.SAMPLING));
        transport.put("t_eps", config.tEps());
        return transport;
    }

    private static Map<String, Object> guidance(Experiment experiment) {
        GuidanceConfig config = experiment.guidance();
        Map<String, Object> guidance = new LinkedHashMap<>();
        guidance.put("method", config.method().name().toLowerCase(Locale.ROOT));
        guidance.put("scale", config.scale());
        guidance.put("t_min", config.tMin());
        guidance.put("t_max", config.tMax());
        Integer given = config.nullLabel();
        guidance.put("null_label", given != null ? given : experiment.misc().numClasses());
        return guidance;
    }

    private static Map<String, Object> sampler(Experiment experiment) {
        SamplerConfig config = experiment.sampler();
        TimeGrid grid = new Sampler(new Transport(experiment.transport()), config).grid();
        Map<String, Object> sampler = new LinkedHashMap<>();
        sampler.put("mode", config.mode().label());
        sampler.put("method", config.samplingMethod());
        sampler.put("atol", config.atol());
        sampler.put("rtol", config.rtol());
        sampler.put("intervals", grid.intervals());
        sampler.put("t_first", grid.at(0));
        sampler.put("t_last", grid.at(grid.size() - 1));
        return sampler;
    }

    private static void training(Experiment experiment, JsonNode expected, Map<String, Object> effective) {
        TrainingConfig config = experiment.config().bind("training", TrainingConfig.class);
        Map<String, Object> training = optimization(config, expected.at("/training/schedule"));
        training.put("clip_grad", config.effectiveClip() == 0 ? null : config.effectiveClip());
        training.put("ema_decay", config.emaDecay().get(0));
        training.put("epochs", config.epochs());
        training.put("grad_accum_steps", config.gradAccumSteps());
        training.put("global_batch_size", config.globalBatchSize());
        if (experiment.has("stage_2")) {
            training.put("log_interval", config.logInterval());
            training.put("sample_every", config.sampleEvery());
            training.put("checkpoint_interval", config.checkpointInterval());
            training.put("global_seed", config.globalSeed());
            training.put("num_workers", config.numWorkers());
        }
        effective.put("training", training);
        if (experiment.has("gan.disc")) {
            TrainingConfig disc = experiment
                    .config()
                    .bind("gan.disc", DiscriminatorConfig.class)
                    .training(config);
            effective.put(
                    "discriminator_training", optimization(disc, expected.at("/discriminator_training/schedule")));
        }
    }

    /** Optimiser values, and with a scheduler the rates at the steps that the case names. */
    private static Map<String, Object> optimization(TrainingConfig config, JsonNode schedule) {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("lr", config.learningRate());
        values.put("betas", config.optimizer().effectiveBetas());
        values.put("eps", config.optimizer().effectiveEps());
        values.put("weight_decay", config.optimizer().effectiveWeightDecay());
        if (config.scheduler() != null) {
            int stepsPerEpoch = schedule.path("steps_per_epoch").asInt(1251);
            LrSchedule rates = LrSchedule.of(config, stepsPerEpoch);
            List<Double> lr = new ArrayList<>();
            schedule.path("step").forEach(step -> lr.add(rates.rate(step.asLong())));
            values.put("schedule", Map.of("steps_per_epoch", stepsPerEpoch, "step", schedule.path("step"), "lr", lr));
        }
        return values;
    }

    private static String upper(String text) {
        return text.toUpperCase(Locale.ROOT);
    }

    private static JsonNode json(Object value) {
        return Json.mapper().valueToTree(value);
    }

    /** Equal but for the last digits of numbers. */
    private static void compare(String path, JsonNode expected, JsonNode got, Checker out) {
        if (expected.isNumber() && got.isNumber()) {
            double error = Math.abs(expected.asDouble() - got.asDouble());
            if (!(error <= TOLERANCE * Math.abs(expected.asDouble()))) {
                out.fail(path + ": expected " + expected + ", got " + got);
            }
        } else if (expected.isContainerNode() && expected.getNodeType() == got.getNodeType()) {
            if (expected.isArray() && expected.size() != got.size()) {
                out.fail(path + ": expected " + expected.size() + " items, got " + got.size());
            }
            for (int i = 0; expected.isArray() && i < expected.size(); i++) {
                compare(path + "[" + i + "]", expected.get(i), got.path(i), out);
            }
            expected.properties()
                    .forEach(entry ->
                            compare(path + "." + entry.getKey(), entry.getValue(), got.path(entry.getKey()), out));
            got.fieldNames().forEachRemaining(key -> {
                if (!expected.has(key)) {
                    out.fail(path + "." + key + ": expected nothing, got " + got.get(key));
                }
            });
        } else if (!expected.equals(got)) {
            out.fail(path + ": expected " + expected + ", got " + (got.isMissingNode() ? "nothing" : got));
        }
    }
}
