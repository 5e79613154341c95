// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One optimiser step: the gradients of all micro-batches added up, clipped by their global norm, and applied. */
public final class TrainStep {
    private final Replicas replicas;
    private final TrainState state;
    private final TrainingConfig config;
    private final LrSchedule schedule;

    /** Prepares steps of a task on one device. */
    public TrainStep(TrainTask task, TrainState state, TrainingConfig config, LrSchedule schedule) {
        this(new Replicas(List.of(task), config), state, config, schedule);
    }

    /** Prepares steps of a task that each device has a replica of; {@code state} is that of the leading one. */
    public TrainStep(Replicas replicas, TrainState state, TrainingConfig config, LrSchedule schedule) {
        this.replicas = replicas;
        this.state = state;
        this.config = config;
        this.schedule = schedule;
    }

    /**
     * Runs step {@code state.step()} on the given samples.
     *
     * @param root under which the step's arrays live
     * @throws NonFiniteException if loss or gradient is not finite; the weights are then those before the step
     */
    public Result run(NDManager root, int[] samples) {
        List<Batch> batches = split(samples);
        while (true) {
            try (GradientSum sum = begin(root)) {
                double loss = 0;
                for (int first = 0; first < batches.size(); first += replicas.count()) {
                    Batch[] round =
                            batches.subList(first, first + replicas.count()).toArray(Batch[]::new);
                    for (double part : sum.add(round)) {
                        loss += part / batches.size();
                    }
                }
                if (!hasOverflown(sum, loss) || !state.lossScale().shrink()) {
                    return apply(sum, loss);
                }
            }
        }
    }

    /** Whether the gradients, but not the loss, left the range of their type: a smaller loss scale may help. */
    private boolean hasOverflown(GradientSum sum, double loss) {
        boolean isScaled = state.lossScale().factor() > 1;
        return isScaled && Double.isFinite(loss) && !Float.isFinite(sum.norm().toFloatArray()[0]);
    }

    /** The micro-batches of the step's batch, in the order in which their gradients are added. */
    List<Batch> split(int[] samples) {
        int size = samples.length / parts();
        List<Batch> batches = new ArrayList<>();
        for (int first = 0; first < samples.length; first += size) {
            batches.add(new Batch(state.step(), first, Arrays.copyOfRange(samples, first, first + size)));
        }
        return batches;
    }

    private int parts() {
        return config.gradAccumSteps() * replicas.count();
    }

    /** An empty sum of gradients for {@link #apply}, to be closed by the caller. */
    public GradientSum begin(NDManager root) {
        return new GradientSum(root, replicas, parts(), state.lossScale().factor());
    }

    /**
     * Clips and applies a full sum of gradients.
     *
     * @param loss mean loss of the batch, for the result
     * @throws NonFiniteException if loss or gradient is not finite; nothing has changed then
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
        state.lossScale().succeed();
        replicas.follow();
        return new Result(step, loss, normValue, rate);
    }

    private static void requireFinite(String what, double value, long step) {
        if (!Double.isFinite(value)) {
            throw new NonFiniteException(step, what + " at step " + step + ": expected a finite number, got " + value);
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
