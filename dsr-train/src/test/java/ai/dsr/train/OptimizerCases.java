// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainStep;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/** Runs the golden cases of the optimiser and of the learning rate. */
final class OptimizerCases {
    private OptimizerCases() {}

    /** Steps with given gradients: those of the loss {@code sum(g * p)}. */
    static void adamW(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        ObjectNode section = keys.require("training").deepCopy();
        section.set("clip_grad", keys.require("clip_grad"));
        section.set("ema_decay", keys.require("ema_decay"));
        section.remove("grad_accum_steps"); // gradients are given step by step
        TrainingConfig config = Sections.training(section);
        checkEffective(keys.require("effective"), config, out);
        int stepsPerEpoch = keys.require("steps_per_epoch").asInt();
        GivenGradients task = new GivenGradients(fixture);
        TrainState state = new TrainState(fixture.manager(), task.model(), config);
        TrainStep step = new TrainStep(task, state, config, LrSchedule.of(config, stepsPerEpoch));
        int steps = Math.toIntExact(fixture.out("lr").size());
        float[] norms = new float[steps];
        double[] rates = new double[steps];
        for (int i = 0; i < steps; i++) {
            TrainStep.Result result = step.run(fixture.manager(), new int[1]);
            norms[i] = (float) result.gradientNorm();
            rates[i] = result.learningRate();
            String prefix = "step" + i + "/";
            state.weightsByName().forEach((name, value) -> out.check(prefix + name, value));
            state.averageByName().forEach((name, value) -> out.check(prefix + "ema/" + name, value));
        }
        state.momentsByName().forEach((name, value) -> out.check("final/" + name, value));
        out.check("grad_norm", norms);
        out.check("lr", rates);
    }

    private static void checkEffective(JsonNode effective, TrainingConfig config, Checker out) {
        Map<String, Double> got = new LinkedHashMap<>();
        got.put("/lr", config.learningRate());
        got.put("/betas/0", config.optimizer().effectiveBetas().get(0));
        got.put("/betas/1", config.optimizer().effectiveBetas().get(1));
        got.put("/eps", config.optimizer().effectiveEps());
        got.put("/weight_decay", config.optimizer().effectiveWeightDecay());
        got.put("/param_groups", 1.0);
        got.forEach((key, value) -> {
            JsonNode expected = effective.at(key);
            if (!expected.isMissingNode() && expected.asDouble() != value) {
                out.fail("effective" + key + ": expected " + expected + ", got " + value);
            }
        });
    }

    static void schedule(FixtureCase fixture, Checker out) {
        ConfigKeys keys = fixture.keys();
        keys.ignore("base_lr"); // follows from the section
        TrainingConfig config = Sections.training(keys.require("training").deepCopy());
        LrSchedule schedule =
                LrSchedule.of(config, keys.require("steps_per_epoch").asInt());
        long[] steps = fixture.in("step").toLongArray();
        double[] rates = new double[steps.length];
        for (int i = 0; i < steps.length; i++) {
            rates[i] = schedule.rate(steps[i]);
        }
        out.check("lr", rates, fixture.in("step").getShape().getShape());
    }

    /** The parameters of a case as a model. */
    private static final class Parameters extends Layer {
        Parameters(FixtureCase fixture) {
            Map<String, TensorData> values = new LinkedHashMap<>();
            fixture.params().forEach((name, value) -> {
                weight(name, Initializer.zeros(), value.getShape().getShape());
                values.put(name, TensorData.of(value));
            });
            load(fixture.manager(), StateDict.of(fixture.name(), values));
        }
    }

    /** A loss that is linear in the parameters. */
    private record GivenGradients(FixtureCase fixture, Parameters model) implements TrainTask {
        GivenGradients(FixtureCase fixture) {
            this(fixture, new Parameters(fixture));
        }

        @Override
        public int sampleCount() {
            return 1;
        }

        @Override
        public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
            NDArray loss = step.create(0f);
            for (Map.Entry<String, NDArray> weight : model.arrays().entrySet()) {
                NDArray gradient = fixture.in("step" + batch.step() + "/grad/" + weight.getKey());
                NDArray inStep = gradient.duplicate();
                inStep.attach(step);
                loss = loss.add(inStep.mul(weight.getValue()).sum());
            }
            return loss;
        }

        @Override
        public void preview(Path file) {
            throw new UnsupportedOperationException("nothing to see");
        }
    }
}
