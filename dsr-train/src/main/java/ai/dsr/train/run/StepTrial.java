// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.config.Config;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.ProcessMemory;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainStep;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.OptimizerConfig;
import ai.dsr.train.optim.TrainingConfig;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/** Steps of a task that leave nothing behind: how long one takes, and whether the task can learn a few samples by heart. */
final class StepTrial {
    /** Samples that are learnt by heart. */
    static final int FEW = 8;

    private static final int TIMED = 3;
    private static final double PATIENCE = 30;
    private static final int JUDGED = 16;
    private static final int JUDGE_DRAWS = 1 << 30; // steps whose noise and times no training step draws
    private static final long LATE = 1 << 29; // a step at which every term of the loss has begun
    private static final double MIN_RATE = 1e-3;
    private static final double NANOS = 1e9;

    private StepTrial() {}

    /**
     * What a step of the configured batch costs.
     *
     * @param seconds for the whole batch
     * @param peak largest resident memory of the process meanwhile, in bytes; 0 if unknown
     */
    record Cost(double seconds, long peak) {}

    /** Times steps of the configured size; where there are fewer samples than that, some are taken again. */
    static Cost time(NDManager root, TrainTask task, TrainingConfig config) {
        try (NDManager scope = root.newSubManager()) {
            TrainState state = TrainState.of(scope, task, config);
            state.skipTo(LATE);
            TrainStep step = new TrainStep(task, state, config, LrSchedule.of(config, 1));
            int[] samples = IntStream.range(0, config.globalBatchSize())
                    .map(i -> i % task.sampleCount())
                    .toArray();
            ProcessMemory.resetPeak();
            double best = Double.MAX_VALUE;
            double spent = 0;
            for (int i = 0; i <= TIMED && spent < PATIENCE; i++) { // the first also warms up
                long start = System.nanoTime();
                step.run(scope, samples);
                double seconds = (System.nanoTime() - start) / NANOS;
                best = Math.min(best, seconds);
                spent += seconds;
            }
            return new Cost(best, ProcessMemory.peak());
        }
    }

    /**
     * How long to train.
     *
     * @param seconds at most
     * @param steps at most
     */
    record Effort(double seconds, int steps) {}

    /**
     * How well a few samples were learnt.
     *
     * @param steps of training
     * @param before loss of the samples at first
     * @param after loss of the same samples, noise and times after training
     * @param others loss of as many other samples after training
     */
    record Overfit(int steps, double before, double after, double others) {}

    /** Trains on the first {@value #FEW} samples until time or steps are used up. */
    static Overfit overfit(NDManager root, TrainTask task, OptimizerConfig optimizer, double rate, Effort effort) {
        int few = Math.min(FEW, task.sampleCount() / 2);
        TrainingConfig config = Config.parse(
                        "{global_batch_size: " + few + ", steps: 1, ema_decay: 0.9, base_lr: "
                                + Math.max(rate, MIN_RATE) + "}",
                        "overfit")
                .with("optimizer", withoutRate(optimizer))
                .bind("", TrainingConfig.class);
        try (NDManager scope = root.newSubManager()) {
            TrainState state = new TrainState(scope, task.model(), config);
            TrainStep step = new TrainStep(task, state, config, LrSchedule.of(config, 1));
            int[] own = IntStream.range(0, few).toArray();
            double before = loss(scope, task, own);
            long end = System.nanoTime() + (long) (effort.seconds * NANOS);
            int steps = 0;
            while (steps < effort.steps && System.nanoTime() < end) {
                step.run(scope, own);
                steps++;
            }
            int[] others =
                    Arrays.stream(own).map(i -> task.sampleCount() - 1 - i).toArray();
            return new Overfit(steps, before, loss(scope, task, own), loss(scope, task, others));
        }
    }

    /** The rate is that of the trial, and patterns of groups may name weights that this recipe lacks. */
    private static OptimizerConfig withoutRate(OptimizerConfig given) {
        return new OptimizerConfig(
                given.type(), null, given.betas(), given.beta(), 0.0, null, given.eps(), null, List.of(), false);
    }

    private static double loss(NDManager root, TrainTask task, int[] samples) {
        double sum = 0;
        for (int i = 0; i < JUDGED; i++) {
            try (NDManager scope = root.newSubManager()) {
                sum += task.loss(scope, new Batch(JUDGE_DRAWS + i, 0, samples)).toFloatArray()[0];
            }
        }
        return sum / JUDGED;
    }
}
