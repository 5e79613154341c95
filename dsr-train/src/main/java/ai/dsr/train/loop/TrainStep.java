// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.util.Arrays;

/**
 * One optimiser step: the gradients of all micro-batches added up, clipped by their global norm, and applied.
 *
 * <p>The loss of each micro-batch is divided by their number, so the step is that of the whole batch.
 */
public final class TrainStep {
    private final TrainTask task;
    private final TrainState state;
    private final TrainingConfig config;
    private final LrSchedule schedule;

    /** Prepares steps of a task. */
    public TrainStep(TrainTask task, TrainState state, TrainingConfig config, LrSchedule schedule) {
        this.task = task;
        this.state = state;
        this.config = config;
        this.schedule = schedule;
    }

    /**
     * Runs step {@code state.step()} on the given samples.
     *
     * @param root under which the step's arrays live
     * @throws IllegalStateException if loss or gradient is not finite; the weights are then those before the step
     */
    public Result run(NDManager root, int[] samples) {
        long step = state.step();
        int parts = config.gradAccumSteps();
        int size = samples.length / parts;
        try (NDManager scope = root.newSubManager()) {
            NDList sum = new NDList();
            double loss = 0;
            for (int part = 0; part < parts; part++) {
                Batch batch = new Batch(step, part * size, Arrays.copyOfRange(samples, part * size, (part + 1) * size));
                try (NDManager micro = scope.newSubManager()) {
                    NDList gradients = new NDList();
                    loss += lossAndGradients(micro, batch, gradients) / parts;
                    accumulate(scope, sum, gradients);
                }
            }
            NDArray norm = OptimizerKernels.globalNorm(sum);
            double normValue = norm.toFloatArray()[0];
            requireFinite("loss", loss, step);
            requireFinite("gradient norm", normValue, step);
            double clip = config.effectiveClip();
            double rate = schedule.rate(step);
            state.update(clip > 0 ? OptimizerKernels.clipped(sum, norm, clip) : sum, rate);
            return new Result(step, loss, normValue, rate);
        }
    }

    private double lossAndGradients(NDManager micro, Batch batch, NDList gradients) {
        try (Autograd tape = Autograd.record()) {
            NDArray loss = task.loss(micro, batch);
            gradients.addAll(tape.gradients(loss.div(config.gradAccumSteps()), state.trainable()));
            return loss.toFloatArray()[0];
        }
    }

    /** One part: its gradients as they are. Several: added up in arrays of our own, as gradients may share memory. */
    private void accumulate(NDManager scope, NDList sum, NDList gradients) {
        if (config.gradAccumSteps() == 1) {
            gradients.attach(scope);
            sum.addAll(gradients);
            return;
        }
        if (sum.isEmpty()) {
            gradients.forEach(gradient -> sum.add(scope.zeros(gradient.getShape(), gradient.getDataType())));
        }
        OptimizerKernels.addInPlace(sum, gradients);
    }

    private static void requireFinite(String what, double value, long step) {
        if (!Double.isFinite(value)) {
            throw new IllegalStateException(what + " at step " + step + ": expected a finite number, got " + value
                    + "; lower the learning rate or resume from the last checkpoint");
        }
    }

    /**
     * What a step reports.
     *
     * @param step the step, from 0
     * @param loss mean loss of the batch before the update
     * @param gradientNorm global norm before clipping
     * @param learningRate the rate that the update used
     */
    public record Result(long step, double loss, double gradientNorm, double learningRate) {}
}
