// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.bench;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.train.loop.ProcessMemory;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainStep;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.OptimizerConfig;
import ai.dsr.train.optim.TrainingConfig;
import java.util.Arrays;

/**
 * What activation checkpointing saves and costs: memory and time of a training step by the number of segments.
 *
 * <p>Each number needs a process of its own, since memory that a process has once had stays with its allocator.
 */
public final class SegmentBench {
    private static final int WARM_UP = 2;

    private SegmentBench() {}

    /** DiT of width 192, depth 12, 6 heads, with 36 registers from block 4 on 256 tokens of 16 channels. */
    public static DiffusionTransformer smallModel() {
        return new LightningDiT(DiTConfig.of(16, 16, 1000, 192, 12, 6).withRegisters(36, 4));
    }

    /** A training in batches of 8 with everything else at its default. */
    public static TrainingConfig smallTraining() {
        return TrainingConfig.of(StepBench.BATCH, 1, OptimizerConfig.defaults());
    }

    /**
     * Times training steps on random latents of one condition.
     *
     * @param model without memory
     * @param config of the training: batch, accumulation, precision
     * @param segments of blocks that are computed twice; 0 for none
     * @param steps to time, 1 or more
     */
    public static Cost measure(
            NDManager manager, DiffusionTransformer model, TrainingConfig config, int segments, int steps) {
        try (NDManager scope = manager.newSubManager()) {
            model.setCheckpointSegments(segments);
            model.initialize(scope, SeedTree.of(0));
            model.setPrecision(config.precision());
            BenchTask task = new BenchTask(model, scope, config.globalBatchSize() / config.gradAccumSteps());
            TrainState state = new TrainState(scope, model, config);
            TrainStep step = new TrainStep(task, state, config, LrSchedule.of(config, 1));
            int[] samples = new int[config.globalBatchSize()];
            ProcessMemory.resetPeak();
            long before = ProcessMemory.resident();
            double[] seconds = new double[steps];
            for (int i = -WARM_UP; i < steps; i++) {
                long start = System.nanoTime();
                step.run(scope, samples);
                seconds[Math.max(i, 0)] = (System.nanoTime() - start) / 1e9;
            }
            // Linux notes the peak late: a size that was seen before may be missing in it.
            long peak = Math.max(before, ProcessMemory.peak());
            Arrays.sort(seconds);
            return new Cost(segments, before >> 20, peak >> 20, seconds[steps / 2], seconds[0], seconds[steps - 1]);
        }
    }

    /**
     * Memory and time of one number of segments.
     *
     * @param segments 0 for no checkpointing
     * @param stateMegabytes resident with weights, optimiser and average, before the first step, in MiB; 0 if unknown
     * @param peakMegabytes largest resident size in the steps, in MiB; 0 if unknown
     * @param median seconds a step
     * @param fastest seconds
     * @param slowest seconds
     */
    public record Cost(
            int segments, long stateMegabytes, long peakMegabytes, double median, double fastest, double slowest) {}
}
