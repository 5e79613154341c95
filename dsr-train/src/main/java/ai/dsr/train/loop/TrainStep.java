// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * One optimiser step: the gradients of all micro-batches added up, clipped by their global norm, and applied; then the
 * updates of the adversary, if the state has one.
 */
public final class TrainStep {
    private final Replicas replicas;
    private final TrainState state;
    private final TrainingConfig config;
    private final LrSchedule schedule;
    private final String subject;
    private final TrainStep adversary; // null: none

    /** Prepares steps of a task on one device. */
    public TrainStep(TrainTask task, TrainState state, TrainingConfig config, LrSchedule schedule) {
        this(new Replicas(List.of(task), config), state, config, schedule);
    }

    /**
     * Prepares steps of a task that each device has a replica of.
     *
     * @param state that of the leading one; without an adversary's state the model trains alone
     */
    public TrainStep(Replicas replicas, TrainState state, TrainingConfig config, LrSchedule schedule) {
        this(replicas, state, config, schedule, "");
    }

    private TrainStep(Replicas replicas, TrainState state, TrainingConfig config, LrSchedule schedule, String subject) {
        this.replicas = replicas;
        this.state = state;
        this.config = config;
        this.schedule = schedule;
        this.subject = subject;
        adversary = state.adversary() == null ? null : of(replicas.adversaries(), state.adversary());
    }

    private static TrainStep of(Replicas adversaries, TrainState state) {
        Adversary lead = (Adversary) adversaries.lead();
        return new TrainStep(adversaries, state, lead.training(), lead.schedule(), TrainState.ADVERSARY + " ");
    }

    /**
     * Runs step {@code state.step()} on the given samples.
     *
     * @param root under which the step's arrays live
     * @throws NonFiniteException if a loss or gradient is not finite; the weights of the model that it belongs to are then
     *     those before its update
     */
    public Result run(NDManager root, int[] samples) {
        Result own = update(root, split(state.step(), 0, samples));
        if (adversary == null) {
            return own;
        }
        List<Result> answers = new ArrayList<>();
        int updates = ((Adversary) adversary.replicas.lead()).updates(own.step);
        for (int update = 0; update < updates; update++) {
            answers.add(adversary.update(root, adversary.split(own.step, update, samples)));
        }
        return own.with(answers);
    }

    /** One update of this model's weights, attempted again with a smaller loss scale while gradients overflow. */
    private Result update(NDManager root, List<Batch> batches) {
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
                    return apply(sum, loss, batches.get(0).step());
                }
                sum.undoBuffers();
            } catch (NonFiniteException e) {
                throw e.with(folder -> explain(root, e, batches, folder));
            }
        }
    }

    /** Whether the gradients, but not the loss, left the range of their type: a smaller loss scale may help. */
    private boolean hasOverflown(GradientSum sum, double loss) {
        boolean isScaled = state.lossScale().factor() > 1;
        return isScaled && Double.isFinite(loss) && !Float.isFinite(sum.norm().toFloatArray()[0]);
    }

    /** The micro-batches of a step's batch, in the order in which their gradients are added. */
    private List<Batch> split(long step, int update, int[] samples) {
        return Batch.split(step, update, samples, samples.length / parts());
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
        return apply(sum, loss, state.step());
    }

    /** The same as part of a step of the run. */
    private Result apply(GradientSum sum, double loss, long runStep) {
        NDList gradients = sum.gradients();
        NDArray norm = sum.norm();
        double normValue = norm.toFloatArray()[0];
        if (!Double.isFinite(loss) || !Double.isFinite(normValue)) {
            sum.undoBuffers();
            boolean isLoss = !Double.isFinite(loss);
            throw new NonFiniteException(
                    runStep,
                    subject + (isLoss ? "loss" : "gradient norm") + " at step " + runStep
                            + ": expected a finite number, got " + (isLoss ? loss : normValue));
        }
        long step = state.step();
        double clip = config.effectiveClip();
        double rate = schedule.rate(step);
        state.update(clip > 0 ? OptimizerKernels.clipped(gradients, norm, clip) : gradients, rate);
        state.lossScale().succeed();
        replicas.follow();
        return new Result(step, loss, normValue, rate, Map.copyOf(sum.terms()), List.of());
    }

    /** Computes an update that went wrong again, with a look inside; changes nothing. */
    private NonFiniteReport explain(NDManager root, NonFiniteException cause, List<Batch> batches, Path runFolder) {
        try (NDManager scope = root.newSubManager()) {
            NDList buffers = replicas.copyBuffers(scope);
            try {
                return NonFiniteReport.inspect(scope, replicas.lead(), state, cause, batches, runFolder);
            } finally {
                replicas.restoreBuffers(buffers);
            }
        }
    }

    /**
     * What an update reports.
     *
     * @param step the update, from 0: for the model a step of the run
     * @param loss mean loss of the batch before the update
     * @param gradientNorm global norm before clipping
     * @param learningRate the rate that the update used
     * @param terms what the loss is made of, by name
     * @param adversary the updates of the adversary that followed
     */
    public record Result(
            long step,
            double loss,
            double gradientNorm,
            double learningRate,
            Map<String, Double> terms,
            List<Result> adversary) {

        private Result with(List<Result> updates) {
            return new Result(step, loss, gradientNorm, learningRate, terms, List.copyOf(updates));
        }
    }
}
