// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.util.Arrays;

/** One optimiser step: the gradients of all micro-batches added up, clipped by their global norm, and applied. */
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
        int parts = config.gradAccumSteps();
        int size = samples.length / parts;
        try (GradientSum sum = begin(root)) {
            double loss = 0;
            for (int part = 0; part < parts; part++) {
                int first = part * size;
                loss += sum.add(new Batch(state.step(), first, Arrays.copyOfRange(samples, first, first + size)))
                        / parts;
            }
            return apply(sum, loss);
        }
    }

    /** An empty sum of gradients for {@link #apply}, to be closed by the caller. */
    public GradientSum begin(NDManager root) {
        return new GradientSum(root, task, state.trainable(), config.gradAccumSteps());
    }

    /**
     * Clips and applies a full sum of gradients.
     *
     * @param loss mean loss of the batch, for the result
     * @throws IllegalStateException if loss or gradient is not finite; nothing has changed then
     */
    public Result apply(GradientSum sum, double loss) {
        long step = state.step();
        NDList gradients = sum.gradients();
        NDArray norm = sum.norm();
        double normValue = norm.toFloatArray()[0];
        requireFinite("loss", loss, step);
        requireFinite("gradient norm", normValue, step);
        double clip = config.effectiveClip();
        double rate = schedule.rate(step);
        state.update(clip > 0 ? OptimizerKernels.clipped(gradients, norm, clip) : gradients, rate);
        return new Result(step, loss, normValue, rate);
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
