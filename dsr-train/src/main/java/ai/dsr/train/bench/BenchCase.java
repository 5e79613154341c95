// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainStep;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A file with which other code can check that it computes what {@link StepBench} times.
 *
 * <p>It holds the initial weights as {@code param/NAME}, the data {@code x1}, noise {@code x0.i} and times {@code t.i} of
 * the first steps, their losses {@code loss} and gradient norms {@code grad_norm}, and what the trained model then predicts
 * from {@code x1} at time 0.5: {@code output}.
 */
final class BenchCase {
    private static final int STEPS = 4;

    private BenchCase() {}

    /** Runs the steps and writes the file. */
    static void write(NDManager manager, DiTConfig config, TrainingConfig training, Path file) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        try (NDManager scope = manager.newSubManager()) {
            LightningDiT model = new LightningDiT(config);
            model.initialize(scope, SeedTree.of(0));
            model.arrays().forEach((name, array) -> tensors.put("param/" + name, TensorData.of(array)));
            BenchTask task = new BenchTask(model, scope, StepBench.BATCH);
            tensors.put("x1", TensorData.of(task.latents()));
            TrainStep step =
                    new TrainStep(task, new TrainState(scope, model, training), training, LrSchedule.of(training, 1));
            float[] losses = new float[STEPS];
            float[] norms = new float[STEPS];
            for (int i = 0; i < STEPS; i++) {
                NDArray x0 = task.noise(scope, i);
                tensors.put("x0." + i, TensorData.of(x0));
                tensors.put("t." + i, TensorData.of(task.times(x0)));
                TrainStep.Result result = step.run(scope, new int[StepBench.BATCH]);
                losses[i] = (float) result.loss();
                norms[i] = (float) result.gradientNorm();
            }
            tensors.put("loss", TensorData.of(losses, STEPS));
            tensors.put("grad_norm", TensorData.of(norms, STEPS));
            NDArray t = scope.full(new Shape(StepBench.BATCH), 0.5f);
            NDArray y = EngineArray.of(scope, new long[StepBench.BATCH]);
            tensors.put("output", TensorData.of(model.forward(TensorScope.view(task.latents(), scope), t, y)));
        }
        SafeTensors.write(file, tensors, Map.of());
    }
}
