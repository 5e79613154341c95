// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.DiTDH;
import ai.dsr.dit.model.DiTDHConfig;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.dit.transport.LossWeight;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.TokenWeighting;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.UnsupportedCaseException;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.GradientSum;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainStep;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.DenoiserLoss;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.BiConsumer;
import java.util.function.Function;

/** Runs the golden cases of whole training steps of a denoiser. */
final class StepCases {
    private final FixtureCase fixture;
    private final TrainingConfig config;
    private final TrainTask task;
    private final TrainState state;
    private final LrSchedule schedule;

    private StepCases(FixtureCase fixture) {
        this.fixture = fixture;
        ConfigKeys keys = fixture.keys();
        String trainable = keys.require("trainable").asText();
        ObjectNode section = keys.require("training").deepCopy();
        section.put("train_fixed_tables", !trainable.startsWith("all parameters but"));
        config = Sections.training(section);
        DiffusionTransformer model = model(keys);
        requireTables(model, keys.optional("fixed_at_construction"));
        requireSum(keys.optional("accumulation").asText("sum"), config);
        task = new GivenDraws(fixture, new DenoiserLoss(model, transport(keys)), weighting(keys.require("flags")));
        state = new TrainState(fixture.manager(), model, config);
        schedule = LrSchedule.of(config, keys.require("steps_per_epoch").asInt());
    }

    private static DiffusionTransformer model(ConfigKeys keys) {
        JsonNode params = keys.require("model");
        String target = keys.require("target").asText();
        return switch (target) {
            case "LightningDiT" -> new LightningDiT(Sections.bind(params, DiTConfig.class));
            case "DiTwDDTHead" -> new DiTDH(Sections.bind(params, DiTDHConfig.class));
            default -> throw new IllegalArgumentException("target: expected a known model, got " + target);
        };
    }

    private static Transport transport(ConfigKeys keys) {
        ObjectNode section = keys.require("transport").deepCopy();
        section.set("time_dist_shift", keys.require("time_dist_shift"));
        // The cases follow a rule that the library does not: what is unknown means velocity, or no weight.
        if (!isKnown(Prediction::of, section.path("prediction"))) {
            section.remove("prediction");
        }
        if (!isKnown(LossWeight::of, section.path("loss_weight"))) {
            section.remove("loss_weight");
        }
        return new Transport(Sections.bind(section, TransportConfig.class));
    }

    private static boolean isKnown(Function<String, ?> parser, JsonNode name) {
        try {
            return parser.apply(name.asText()) != null;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Absent and null options are off. */
    private static TokenWeighting weighting(JsonNode flags) {
        ObjectNode given = flags.deepCopy();
        given.properties().removeIf(flag -> flag.getValue().isNull());
        return Sections.bind(given, TokenWeighting.class);
    }

    /** What the reference fixes at construction must be what the library calls a table. */
    private static void requireTables(DiffusionTransformer model, JsonNode names) {
        Set<String> expected = new TreeSet<>();
        names.forEach(name -> expected.add(name.asText()));
        Set<String> got = new TreeSet<>();
        model.weights().forEach((name, weight) -> {
            if (weight.isTable()) {
                got.add(name);
            }
        });
        if (names.isArray() && !expected.equals(got)) {
            throw new AssertionError("fixed_at_construction: expected " + expected + ", got " + got);
        }
    }

    private static void requireSum(String accumulation, TrainingConfig config) {
        if (!accumulation.equals("sum") && config.gradAccumSteps() > 1) {
            throw new UnsupportedCaseException("accumulation: expected sum, got " + accumulation);
        }
    }

    static void steps(FixtureCase fixture, Checker out) {
        new StepCases(fixture).run(out);
    }

    private void run(Checker out) {
        int batches = fixture.keys().require("steps").asInt();
        float[] losses = new float[batches];
        float[] norms = new float[batches];
        double[] rates = new double[batches];
        TrainStep step = new TrainStep(task, state, config, schedule);
        for (int first = 0; first < batches; first += config.gradAccumSteps()) {
            int end = Math.min(first + config.gradAccumSteps(), batches);
            try (GradientSum sum = step.begin(fixture.manager())) {
                for (int i = first; i < end; i++) {
                    losses[i] = (float) sum.add(new Batch(state.step(), 0, new int[] {i}))[0];
                    norms[i] = sum.norm().toFloatArray()[0];
                    rates[i] = schedule.rate(state.step());
                }
                if (end - first == config.gradAccumSteps()) {
                    step.apply(sum, losses[end - 1]);
                }
            }
        }
        out.check("loss", losses);
        out.check("grad_norm", norms);
        out.check("lr", rates);
        state.weightsByName().forEach((name, value) -> out.check("model/" + name, value));
        state.averageByName().forEach((name, value) -> out.check("ema/" + name, value));
    }

    /** Batch {@code i} of a case, with its noise, times and dropped labels. */
    private record GivenDraws(FixtureCase fixture, DenoiserLoss denoiserLoss, TokenWeighting weighting)
            implements TrainTask {
        GivenDraws {
            Map<String, TensorData> state = new LinkedHashMap<>();
            fixture.params().forEach((name, value) -> state.put(name, TensorData.of(value)));
            denoiserLoss
                    .model()
                    .load(fixture.manager(), StateDict.of(fixture.name(), state), DiffusionTransformer::isDerived);
        }

        @Override
        public DiffusionTransformer model() {
            return denoiserLoss.model();
        }

        @Override
        public int sampleCount() {
            return 1;
        }

        @Override
        public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
            String prefix = "step" + batch.samples()[0] + "/";
            long[] flags = fixture.in(prefix + "drop").toLongArray();
            boolean[] dropped = new boolean[flags.length];
            for (int i = 0; i < flags.length; i++) {
                dropped[i] = flags[i] == 1;
            }
            NDArray y = model().conditioning().dropWhere(in(step, prefix + "y"), dropped);
            NDArray norm = weighting.isActive() ? in(step, prefix + "token_norm") : null;
            return denoiserLoss.apply(
                    in(step, prefix + "x1"),
                    in(step, prefix + "x0"),
                    in(step, prefix + "t"),
                    y,
                    new Transport.Tokens(norm, weighting));
        }

        private NDArray in(NDManager step, String name) {
            NDArray copy = fixture.in(name).duplicate();
            copy.attach(step);
            return copy;
        }

        @Override
        public void preview(Path file) {
            throw new UnsupportedOperationException("nothing to see");
        }
    }
}
