// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.core.tensor.Precision;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.dit.transport.PathType;
import ai.dsr.dit.transport.Prediction;
import ai.dsr.dit.transport.Transport;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.loop.ProcessMemory;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainStep;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.OptimizerConfig;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.DenoiserTask;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * Times whole steps of one model.
 *
 * <p>A training step is everything that the trainer does: noise, forward, backward, clipping, AdamW and the average. Its
 * work is counted as three forward passes. Rates are given beside the peak of a large matrix product in the same run,
 * since machines and neighbours differ.
 */
public final class StepBench {
    static final int BATCH = 8;
    private static final int MATRIX = 2048;
    private static final int MATRIX_RUNS = 12;
    private static final int WARM_UP = 3;

    private final NDManager manager;
    private final DiTConfig model;

    private StepBench(NDManager manager, DiTConfig model) {
        this.manager = manager;
        this.model = model;
    }

    /** DiT-S with 36 registers from block 4 on 256 tokens of 384 channels, batch 8; arrays live under {@code manager}. */
    public static StepBench ditS(NDManager manager) {
        return new StepBench(manager, DiTConfig.small(16, 384, 1000).withRegisters(36, 4));
    }

    /** A model so small that thousands of steps take a minute: for the memory of a long run. */
    public static StepBench tiny(NDManager manager) {
        return new StepBench(manager, DiTConfig.of(4, 16, 10, 64, 3, 4).withRegisters(4, 1));
    }

    /** The best rate of a float32 matrix product of 2048 x 2048, in GFLOP/s. */
    public double matmulPeak() {
        double best = 0;
        try (NDManager scope = manager.newSubManager()) {
            NDArray a = scope.randomNormal(new Shape(MATRIX, MATRIX));
            NDArray b = scope.randomNormal(new Shape(MATRIX, MATRIX));
            for (int i = 0; i < MATRIX_RUNS; i++) {
                long start = System.nanoTime();
                try (NDArray c = a.matMul(b)) {
                    c.toDevice(c.getDevice(), false); // waits on devices that work ahead
                }
                double flops = 2.0 * MATRIX * MATRIX * MATRIX;
                best = Math.max(best, flops / (System.nanoTime() - start));
            }
        }
        return best;
    }

    /** Writes a few steps of this model with all they depend on, for a comparison of numbers with other code. */
    public void writeCase(Path file) {
        BenchCase.write(manager, model, config(), file);
    }

    /** Times training steps whose products run in a precision. */
    public Measurement training(int steps, Precision precision) {
        try (NDManager scope = manager.newSubManager()) {
            LightningDiT denoiser = denoiser(scope, precision);
            TrainingConfig config = config();
            BenchTask task = new BenchTask(denoiser, scope, BATCH);
            TrainState state = new TrainState(scope, denoiser, config);
            TrainStep step = new TrainStep(task, state, config, LrSchedule.of(config, 1));
            int[] samples = new int[BATCH];
            return measure(steps, 3, () -> step.run(scope, samples));
        }
    }

    /** Times evaluations of the model as a sampler makes them, without gradients, in a precision. */
    public Measurement sampling(int steps, Precision precision) {
        try (NDManager scope = manager.newSubManager()) {
            LightningDiT denoiser = denoiser(scope, precision);
            NDArray x = scope.randomNormal(new Shape(BATCH).addAll(model.latentShape()));
            NDArray t = scope.full(new Shape(BATCH), 0.5f);
            NDArray y = EngineArray.of(scope, new long[BATCH]);
            return measure(steps, 1, () -> {
                try (NDManager inner = scope.newSubManager()) {
                    float unused = denoiser.forward(TensorScope.view(x, inner), t, y)
                            .sum()
                            .toFloatArray()[0];
                    if (!Float.isFinite(unused)) {
                        throw new IllegalStateException("bench: expected a finite output, got " + unused);
                    }
                }
            });
        }
    }

    /** Times looks at the outlier tokens, as {@code training.inspect_every} asks for; their rate is not counted. */
    public Measurement inspection(int steps) {
        try (NDManager scope = manager.newSubManager()) {
            BenchLatents latents = new BenchLatents(BATCH, model.latentShape());
            int[] samples = IntStream.range(0, BATCH).toArray();
            DenoiserTask task = DenoiserTask.ofClasses(
                    denoiser(scope, Precision.FP32),
                    new Transport(TransportConfig.of(PathType.LINEAR, Prediction.DATA)),
                    new LatentData(latents, LatentNormalizer.none(), samples, new int[BATCH], 0),
                    0,
                    file -> {});
            return measure(steps, 0, () -> {
                try (NDManager inner = scope.newSubManager()) {
                    task.inspect(inner);
                }
            });
        }
    }

    /** Steps between such looks where a configuration does not say otherwise. */
    public static int usualInspectionInterval() {
        return config().inspectEvery();
    }

    private LightningDiT denoiser(NDManager scope, Precision precision) {
        LightningDiT denoiser = new LightningDiT(model);
        denoiser.initialize(scope, SeedTree.of(0));
        denoiser.setPrecision(precision);
        return denoiser;
    }

    private Measurement measure(int steps, int forwards, Runnable step) {
        for (int i = 0; i < WARM_UP; i++) {
            step.run();
        }
        long startMegabytes = ProcessMemory.resident() >> 20;
        double[] seconds = new double[steps];
        for (int i = 0; i < steps; i++) {
            long start = System.nanoTime();
            step.run();
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        double median = seconds[steps / 2];
        double gigaflops = forwards * BATCH * (double) model.forwardFlops() / median / 1e9;
        return new Measurement(
                steps,
                median,
                seconds[0],
                seconds[steps - 1],
                gigaflops,
                startMegabytes,
                ProcessMemory.resident() >> 20);
    }

    private static TrainingConfig config() {
        return TrainingConfig.of(BATCH, 1, OptimizerConfig.defaults());
    }

    /**
     * Times of one kind of step.
     *
     * @param count steps timed
     * @param median seconds
     * @param fastest seconds
     * @param slowest seconds
     * @param gigaflops rate at the median, in 1e9 operations a second
     * @param startMegabytes resident memory after the warm-up, in MiB
     * @param endMegabytes resident memory after the last step, in MiB
     */
    public record Measurement(
            int count,
            double median,
            double fastest,
            double slowest,
            double gigaflops,
            long startMegabytes,
            long endMegabytes) {}
}
