// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.BatchOrder;
import ai.dsr.core.run.Progress;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a task to its last step, with metrics, previews and checkpoints at their intervals. */
public final class TrainLoop {
    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);

    private final TrainTask task;
    private final TrainingConfig config;
    private final Path runFolder;
    private final TrainState state;
    private final CheckpointStore checkpoints;
    private final MetricsLog metrics;
    private final int stepsPerEpoch;
    private final BatchOrder order;

    /**
     * A run in {@code runFolder}, from step 0.
     *
     * @param manager owns the optimiser's state
     * @throws IllegalArgumentException if there are fewer samples than one batch takes
     */
    public TrainLoop(NDManager manager, TrainTask task, TrainingConfig config, Path runFolder) {
        this.task = task;
        this.config = config;
        this.runFolder = runFolder;
        stepsPerEpoch = task.sampleCount() / config.globalBatchSize();
        if (stepsPerEpoch < 1) {
            throw new IllegalArgumentException("global_batch_size: expected at most the number of training images ("
                    + task.sampleCount() + "), got " + config.globalBatchSize());
        }
        state = new TrainState(manager, task.model(), config);
        checkpoints = new CheckpointStore(runFolder, config.keepCheckpoints());
        metrics = new MetricsLog(runFolder);
        order = new BatchOrder(task.sampleCount(), config.globalSeed());
    }

    /** Continues from the newest checkpoint if there is one; returns the steps done. */
    public long resume() {
        checkpoints.latest().ifPresent(checkpoint -> CheckpointStore.restore(checkpoint, state));
        metrics.truncate(state.step());
        return state.step();
    }

    /** The state, for inspection and previews. */
    public TrainState state() {
        return state;
    }

    /** Trains until the configured number of steps is done; returns the last checkpoint. */
    public Path run(NDManager root) {
        long total = config.totalSteps(stepsPerEpoch);
        long checkpointEvery = config.checkpointEvery(stepsPerEpoch);
        TrainStep step = new TrainStep(task, state, config, LrSchedule.of(config, stepsPerEpoch));
        Interval interval = new Interval();
        Path last = null;
        try (Progress progress = Progress.start("Training", total, state.step())) {
            while (state.step() < total) {
                interval.add(step.run(root, samplesOf(state.step())));
                long done = state.step();
                progress.step(1);
                if (done % config.logInterval() == 0 || done == total) {
                    metrics.append(interval.report(done, total));
                    progress.message(interval.message);
                }
                if (config.sampleEvery() > 0 && done % config.sampleEvery() == 0) {
                    Path file = runFolder.resolve("samples").resolve(String.format(Locale.ROOT, "step-%07d.png", done));
                    state.withAverage(() -> task.preview(file));
                }
                if (done % checkpointEvery == 0 || done == total) {
                    last = checkpoints.save(state);
                }
            }
        }
        return last != null ? last : checkpoints.latest().orElseGet(() -> checkpoints.save(state));
    }

    /** Positions of an epoch that do not fill a batch are left out: every epoch has whole batches. */
    private int[] samplesOf(long step) {
        long epoch = step / stepsPerEpoch;
        long first = epoch * task.sampleCount() + (step % stepsPerEpoch) * config.globalBatchSize();
        return order.samplesAt(first, config.globalBatchSize());
    }

    /** Means since the last line of the log. */
    private final class Interval {
        private final Runtime runtime = Runtime.getRuntime();
        private double rate;
        private int timedSteps;
        private long start = System.nanoTime();
        private String message = "";

        void add(TrainStep.Result result) {
            state.setMeter(state.meter().plus(result));
            rate = result.learningRate();
            timedSteps++;
        }

        Map<String, Object> report(long done, long total) {
            double loss = state.meter().meanLoss();
            double norm = state.meter().meanGradientNorm();
            double seconds = (System.nanoTime() - start) / 1e9;
            double imagesPerSecond = (double) timedSteps * config.globalBatchSize() / seconds;
            Map<String, Object> line = new LinkedHashMap<>();
            line.put("step", done);
            line.put("images", done * config.globalBatchSize());
            line.put("loss", loss);
            line.put("grad_norm", norm);
            line.put("lr", rate);
            line.put("images_per_second", imagesPerSecond);
            line.put("rss_mb", ResidentMemory.megabytes());
            line.put("heap_mb", (runtime.totalMemory() - runtime.freeMemory()) >> 20);
            message = String.format(Locale.ROOT, "loss=%.4f lr=%.1e img/s=%.1f", loss, rate, imagesPerSecond);
            LOG.info(
                    "step={}/{} images={} {} grad={} rss={}M",
                    done,
                    total,
                    done * config.globalBatchSize(),
                    message,
                    String.format(Locale.ROOT, "%.3f", norm),
                    ResidentMemory.megabytes());
            state.setMeter(Meter.EMPTY);
            timedSteps = 0;
            start = System.nanoTime();
            return line;
        }
    }
}
