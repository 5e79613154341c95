// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.images.ImageQuality;
import ai.dsr.sample.images.Images;
import ai.dsr.train.data.EncodedData;
import ai.dsr.train.loop.MemoryLedger;
import ai.dsr.train.loop.ProcessMemory;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * Looks at a configuration before a long run: data, encoder, statistics and decoder, memory, disk, time, and whether the
 * real pipeline learns {@value StepTrial#FEW} images by heart. Works on a sample of the data and writes no run folder.
 */
public final class Doctor {
    private static final int SAMPLE = 64;
    private static final int READ = 16;
    private static final double GIB = 1 << 30;
    private static final double MEAN_LIMIT = 0.25;
    private static final double VARIANCE_FACTOR = 1.5;
    private static final double LEARNT = 0.7;
    private static final double BETTER_THAN_OTHERS = 0.9;
    private static final int MIN_STEPS = 50;
    private static final int MAX_STEPS = 2000;
    private static final double SECONDS_PER_HOUR = 3600;

    private final TrainingJob.Recipe recipe;
    private final Experiment experiment;
    private final NDManager manager;
    private final Options options;
    private final Consumer<Finding> listener;
    private boolean failed;

    /**
     * How thorough to be.
     *
     * @param overfitSeconds time of the overfit test; 0 leaves it out
     * @param pricePerHour price of the machine, or 0
     */
    public record Options(double overfitSeconds, double pricePerHour) {}

    /**
     * A doctor for one configuration.
     *
     * @param listener hears of each finding at once
     */
    public Doctor(
            TrainingJob.Recipe recipe,
            Experiment experiment,
            NDManager manager,
            Options options,
            Consumer<Finding> listener) {
        this.recipe = recipe;
        this.experiment = experiment;
        this.manager = manager;
        this.options = options;
        this.listener = listener;
    }

    /** Looks at everything; returns whether nothing failed. */
    public boolean examine() {
        check("environment", this::environment);
        TrainingConfig training =
                check("configuration", () -> experiment.config().bind("training", TrainingConfig.class));
        ImageDataset all = check("data set", () -> DataSets.open(experiment.data()));
        if (training == null || all == null) {
            return false;
        }
        check("images", () -> images(all));
        check("schedule", () -> schedule(training, all));
        EncodedData data = check("latents", this::latents);
        if (data != null && experiment.has("stage_2")) {
            check("decoder", () -> decoder(data));
        }
        TrainingJob job = check("models", () -> recipe.open(sample(), training, manager));
        if (job != null) {
            trials(job, training, all);
        }
        return !failed;
    }

    private void trials(TrainingJob job, TrainingConfig training, ImageDataset all) {
        try (NDManager scope = manager.newSubManager()) {
            TrainTask task = check("task", () -> job.task(scope));
            if (task == null) {
                return;
            }
            check("disk", () -> disk(task, training));
            StepTrial.Cost cost = check("step", () -> StepTrial.time(scope, task, training));
            if (cost != null) {
                check("memory", () -> memory(task, training, cost));
                check("time", () -> time(training, all, cost));
            }
        }
        if (options.overfitSeconds() > 0) {
            try (NDManager scope = manager.newSubManager()) { // with fresh weights
                check("overfit", () -> overfit(job.task(scope), training));
            }
        }
    }

    /** A finding tells of itself; other results pass with no word, exceptions fail with their message. */
    private <T> T check(String subject, Supplier<T> look) {
        try {
            T result = look.get();
            if (result instanceof Finding finding) {
                report(finding);
            }
            return result;
        } catch (IllegalArgumentException | IllegalStateException | UncheckedIOException e) {
            report(new Finding(Finding.Level.FAILED, subject, e.getMessage()));
            return null;
        }
    }

    private void report(Finding finding) {
        failed |= finding.level() == Finding.Level.FAILED;
        listener.accept(finding);
    }

    private static Finding finding(boolean fine, String subject, String format, Object... values) {
        return new Finding(
                fine ? Finding.Level.OK : Finding.Level.WARNING, subject, String.format(Locale.ROOT, format, values));
    }

    private Finding environment() {
        Map<String, String> values = RunEnvironment.of(manager, List.of());
        int threads = Integer.parseInt(values.get("threads"));
        int cores = Integer.parseInt(values.get("cores"));
        return finding(
                threads <= cores,
                "environment",
                "%s (%s), Java %s, %s; %d threads on %d cores, device %s, %d GPUs seen",
                values.get("engine"),
                values.get("engine_flavor"),
                values.get("java"),
                values.get("os"),
                threads,
                cores,
                values.get("devices"),
                manager.getEngine().getGpuCount());
    }

    private Finding images(ImageDataset all) {
        int read = Math.min(READ, all.size());
        for (int i = 0; i < read; i++) {
            all.get((int) ((long) i * all.size() / read));
        }
        return finding(
                true,
                "images",
                "%d samples in %d classes, %d px; %d read",
                all.size(),
                all.classNames().size(),
                experiment.data().imageSize(),
                read);
    }

    private static Finding schedule(TrainingConfig training, ImageDataset all) {
        int stepsPerEpoch = all.size() / training.globalBatchSize();
        if (stepsPerEpoch < 1) {
            throw new IllegalArgumentException("global_batch_size: expected at most the number of images (" + all.size()
                    + "), got " + training.globalBatchSize());
        }
        LrSchedule schedule = LrSchedule.of(training, stepsPerEpoch);
        long total = training.totalSteps(stepsPerEpoch);
        double first = schedule.rate(0);
        double last = schedule.rate(total - 1);
        return finding(
                last <= first || training.scheduler() != null,
                "schedule",
                "%d steps, about %d an epoch; learning rate %.2e at first, %.2e half way, %.2e at last",
                total,
                stepsPerEpoch,
                first,
                schedule.rate(total / 2),
                last);
    }

    private Experiment sample() {
        int limit = experiment.data().limit() == null
                ? Integer.MAX_VALUE
                : experiment.data().limit();
        return experiment.with(List.of("data.limit=" + Math.min(limit, SAMPLE)));
    }

    private EncodedData latents() {
        EncodedData data = EncodedData.open(sample(), manager);
        try (NDManager scope = manager.newSubManager()) {
            LatentNormalizer normalizer = LatentNormalizer.of(
                    scope, SafeTensors.read(data.statistics()), experiment.rae().eps());
            NDArray z = normalizer.normalize(data.latents().gather(scope, data.trainSamples()));
            double mean = z.mean().toFloatArray()[0];
            double variance = z.sub((float) mean).square().mean().toFloatArray()[0];
            boolean fine = Math.abs(mean) < MEAN_LIMIT && variance < VARIANCE_FACTOR && variance > 1 / VARIANCE_FACTOR;
            report(finding(
                    fine,
                    "latents",
                    "%s each; %d of them have mean %.3f and variance %.3f after normalisation%s",
                    data.latents().sampleShape(),
                    data.trainSamples().length,
                    mean,
                    variance,
                    fine ? "" : ", expected about 0 and 1: are the statistics those of this encoder and data?"));
        }
        return data;
    }

    private Finding decoder(EncodedData data) {
        int[] some = Arrays.copyOf(data.trainSamples(), Math.min(READ, data.trainSamples().length));
        try (NDManager scope = manager.newSubManager()) {
            RAE rae = Stages.autoencoder(experiment, scope);
            NDArray images = Images.toTensor(scope, data.images(), some);
            NDArray decoded =
                    rae.decode(rae.normalizer().normalize(data.latents().gather(scope, some)));
            NDArray flat =
                    images.mean(new int[] {2}, true).mean(new int[] {3}, true).broadcast(images.getShape());
            double psnr = ImageQuality.psnr(decoded, images);
            double guess = ImageQuality.psnr(flat, images);
            return finding(
                    psnr > guess,
                    "decoder",
                    "%.1f dB PSNR over %d images, %.1f dB for their mean colours%s",
                    psnr,
                    some.length,
                    guess,
                    psnr > guess ? "" : ": is this decoder for these statistics and this encoder?");
        }
    }

    private Finding disk(TrainTask task, TrainingConfig training) {
        Map<String, Long> plan = MemoryLedger.plan(task, training, 1);
        long checkpoint =
                plan.get("weights") + plan.get("optimizer") + plan.get("ema") + plan.getOrDefault("discriminator", 0L);
        int kept = training.keepCheckpoints() == 0 ? 1 : training.keepCheckpoints() + 1; // one more while writing
        Path existing = experiment.run().dir().toAbsolutePath();
        while (!Files.exists(existing)) {
            existing = existing.getParent();
        }
        try {
            long free = Files.getFileStore(existing).getUsableSpace();
            return finding(
                    free > kept * checkpoint,
                    "disk",
                    "a checkpoint takes %.2f GiB, %s %.2f GiB; %.1f GiB are free in %s",
                    checkpoint / GIB,
                    training.keepCheckpoints() == 0 ? "all are kept, two take" : kept + " of them",
                    kept * checkpoint / GIB,
                    free / GIB,
                    existing);
        } catch (IOException e) {
            throw new UncheckedIOException(existing + ": cannot tell the free space", e);
        }
    }

    private Finding memory(TrainTask task, TrainingConfig training, StepTrial.Cost cost) {
        StringBuilder owners = new StringBuilder();
        new LinkedHashMap<>(MemoryLedger.plan(task, training, 1))
                .forEach((owner, bytes) -> owners.append(
                        String.format(Locale.ROOT, "%s%s %.2f", owners.isEmpty() ? "" : ", ", owner, bytes / GIB)));
        long budget =
                Math.min(experiment.run().memoryBudgetBytes(), ProcessMemory.available() + ProcessMemory.resident());
        return finding(
                cost.peak() <= budget,
                "memory",
                "%.2f GiB at most while training, %.2f GiB may be used (%s GiB)",
                cost.peak() / GIB,
                budget / GIB,
                owners);
    }

    private Finding time(TrainingConfig training, ImageDataset all, StepTrial.Cost cost) {
        int stepsPerEpoch = all.size() / training.globalBatchSize();
        double hours = training.totalSteps(stepsPerEpoch) * cost.seconds() / SECONDS_PER_HOUR;
        double epoch = stepsPerEpoch * cost.seconds() / SECONDS_PER_HOUR;
        String price = options.pricePerHour() > 0
                ? String.format(
                        Locale.ROOT,
                        "; costs %.2f an epoch, %.2f in all",
                        epoch * options.pricePerHour(),
                        hours * options.pricePerHour())
                : "";
        return finding(
                true,
                "time",
                "%.3f s a step, %.1f images/s; %.2f hours an epoch, %.2f hours in all%s",
                cost.seconds(),
                training.globalBatchSize() / cost.seconds(),
                epoch,
                hours,
                price);
    }

    private Finding overfit(TrainTask task, TrainingConfig training) {
        StepTrial.Overfit trial = StepTrial.overfit(
                manager,
                task,
                training.optimizer(),
                training.learningRate(),
                new StepTrial.Effort(options.overfitSeconds(), MAX_STEPS));
        boolean learnt = trial.after() < LEARNT * trial.before() && trial.after() < BETTER_THAN_OTHERS * trial.others();
        Finding.Level level =
                learnt ? Finding.Level.OK : trial.steps() < MIN_STEPS ? Finding.Level.WARNING : Finding.Level.FAILED;
        String verdict = learnt
                ? "pass"
                : level == Finding.Level.WARNING
                        ? "too few steps to tell"
                        : "fail: the model does not learn the images";
        return new Finding(
                level,
                "overfit",
                String.format(
                        Locale.ROOT,
                        "%s; %d steps on %d images took their loss from %.4f to %.4f, that of others is %.4f",
                        verdict,
                        trial.steps(),
                        StepTrial.FEW,
                        trial.before(),
                        trial.after(),
                        trial.others()));
    }
}
