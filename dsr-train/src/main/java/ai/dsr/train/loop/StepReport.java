// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.dsr.core.run.Progress;
import ai.dsr.train.optim.TrainingConfig;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Means since the last line of the log, and the line itself at its interval. */
final class StepReport {
    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);

    private final Runtime runtime = Runtime.getRuntime();
    private final TrainState state;
    private final TrainingConfig config;
    private final long total;
    private final RunLog log;
    private final Progress progress;
    private final MemoryLedger memory;
    private int timedSteps;
    private double rate;
    private Double adversaryRate; // null: none yet
    private long start = System.nanoTime();

    StepReport(
            TrainState state, TrainingConfig config, long total, RunLog log, Progress progress, MemoryLedger memory) {
        this.memory = memory;
        this.state = state;
        this.config = config;
        this.total = total;
        this.log = log;
        this.progress = progress;
    }

    /** Counts a step that is done; null is one that was left out. */
    void add(TrainStep.Result result) {
        if (result != null) {
            state.setMeter(state.meter().plus(result));
            timedSteps++;
            rate = result.learningRate();
            for (TrainStep.Result update : result.adversary()) {
                adversaryRate = update.learningRate();
            }
        }
        progress.step(1);
        boolean due = state.step() % config.logInterval() == 0 || state.step() == total;
        if (due && state.meter().count() > 0) {
            report();
            state.setMeter(Meter.EMPTY);
            timedSteps = 0;
            start = System.nanoTime();
        }
    }

    private void report() {
        double loss = state.meter().meanLoss();
        double norm = state.meter().meanGradientNorm();
        double seconds = (System.nanoTime() - start) / 1e9;
        long images = state.step() * config.globalBatchSize();
        double imagesPerSecond = (double) timedSteps * config.globalBatchSize() / seconds;
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("images", images);
        line.put("loss", loss);
        line.put("grad_norm", norm);
        line.put("lr", rate);
        line.putAll(new TreeMap<>(state.meter().meanTerms()));
        if (adversaryRate != null) {
            line.put("disc_lr", adversaryRate);
        }
        line.put("images_per_second", imagesPerSecond);
        line.put("seconds", seconds);
        line.putAll(memory.report(state.step()));
        line.put("heap_mb", (runtime.totalMemory() - runtime.freeMemory()) >> 20);
        log.values(state.step(), line);
        String message = String.format(Locale.ROOT, "loss=%.4f lr=%.1e img/s=%.1f", loss, rate, imagesPerSecond);
        progress.message(message);
        LOG.info(
                "step={}/{} images={} {} grad={} rss={}M peak={}M",
                state.step(),
                total,
                images,
                message,
                String.format(Locale.ROOT, "%.3f", norm),
                line.get("rss_mb"),
                line.get("peak_mb"));
    }
}
