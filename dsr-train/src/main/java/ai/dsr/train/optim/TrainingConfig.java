// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.Default;
import ai.dsr.core.config.NoEffect;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.transport.TokenWeighting;
import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.List;

/**
 * Section {@code training}: the reference's keys, and below them ours.
 *
 * @param globalSeed seed of every draw of the run
 * @param epochs passes over the training images; this or {@code steps} decides the length
 * @param globalBatchSize images an optimiser step, over all micro-batches
 * @param gradAccumSteps micro-batches an optimiser step; their gradients are added
 * @param emaDecay decay of the moving average of the weights, in [0, 1); of several the first is sampled from
 * @param numWorkers accepted because published files have it; encoded data needs no workers
 * @param clipGrad largest global gradient norm; null, 0 or negative: no clipping
 * @param logInterval steps between lines of {@code metrics.jsonl}
 * @param sampleEvery steps between previews; 0: none
 * @param inspectEvery steps between looks at the denoiser's outlier tokens and attention; 0: none
 * @param checkpointInterval epochs between checkpoints
 * @param optimizer the optimiser
 * @param scheduler the learning rate over time; null: constant
 * @param baseLr learning rate where the optimiser has none
 * @param finalLr final rate where the scheduler has none
 * @param scheduleType kind of schedule where the scheduler has none
 * @param decayStartEpoch end of the warm-up in epochs where the scheduler has none
 * @param decayEndEpoch end of the decay in epochs where the scheduler has none
 * @param logEvery accepted because published files have it, and without effect there too
 * @param ckptEvery accepted because published files have it, and without effect there too
 * @param steps optimiser steps of the run
 * @param checkpointSteps steps between checkpoints; overrides {@code checkpoint_interval}
 * @param keepCheckpoints how many of the newest checkpoints stay; 0: all
 * @param trainFixedTables whether tables that are fixed by construction train, as in all published runs
 * @param powerEma averages whose length is chosen after training; null: none
 * @param precision type of the model's matrix products: fp32, bf16 or fp16; weights stay float32
 * @param outlierTokenNorm ablation: tokens of this norm or more do not count in the loss; 0 or less: all do
 * @param tokenNormShift ablation: whether each token is weighted as if its norm had set the time shift
 * @param logitNormalScheduler ablation: whether these weights assume logit-normal times
 * @param nonFinite what to do about a loss or gradient that is not finite
 * @param nonFiniteLimit how many such steps a run may have before it stops all the same
 * @param checkpointSegments segments of blocks whose activations are computed a second time instead of kept, so that
 *     memory holds those of one; 0 keeps all
 */
public record TrainingConfig(
        @Default("0") long globalSeed,
        @Default("null") Integer epochs,
        int globalBatchSize,
        @Default("1") int gradAccumSteps,
        @Default("[0.9999]") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<Double> emaDecay,
        @Default("2") int numWorkers,
        @Default("1.0") Double clipGrad,
        @Default("100") int logInterval,
        @Default("0") int sampleEvery,
        @Default("200") int inspectEvery,
        @Default("4") int checkpointInterval,
        @Default("{}") OptimizerConfig optimizer,
        @Default("null") SchedulerConfig scheduler,
        @Default("null") Double baseLr,
        @Default("null") Double finalLr,
        @Default("null") String scheduleType,
        @Default("null") Double decayStartEpoch,
        @Default("null") Double decayEndEpoch,
        @NoEffect(use = "log_interval") @Default("null") Integer logEvery,
        @NoEffect(use = "checkpoint_interval or checkpoint_steps") @Default("null") Integer ckptEvery,
        @Default("null") Long steps,
        @Default("null") Integer checkpointSteps,
        @Default("3") int keepCheckpoints,
        @Default("true") boolean trainFixedTables,
        @Default("null") PowerEmaConfig powerEma,
        @Default("fp32") Precision precision,
        @Default("-1") double outlierTokenNorm,
        @Default("false") boolean tokenNormShift,
        @Default("false") boolean logitNormalScheduler,
        @Default("stop") NonFinitePolicy nonFinite,
        @Default("3") int nonFiniteLimit,
        @Default("0") int checkpointSegments) {

    /** The reference's rate where a file gives none. */
    private static final double DEFAULT_LR = 2e-4;

    /** Checks what can be checked without the data. */
    public TrainingConfig {
        positive("global_batch_size", globalBatchSize);
        positive("grad_accum_steps", gradAccumSteps);
        positive("log_interval", logInterval);
        positive("checkpoint_interval", checkpointInterval);
        positive("epochs", epochs);
        positive("steps", steps);
        positive("checkpoint_steps", checkpointSteps);
        notNegative("num_workers", numWorkers);
        notNegative("sample_every", sampleEvery);
        notNegative("inspect_every", inspectEvery);
        notNegative("keep_checkpoints", keepCheckpoints);
        notNegative("non_finite_limit", nonFiniteLimit);
        notNegative("checkpoint_segments", checkpointSegments);
        if (globalBatchSize % gradAccumSteps != 0) {
            throw new IllegalArgumentException("global_batch_size: expected a multiple of grad_accum_steps ("
                    + gradAccumSteps + "), got " + globalBatchSize);
        }
        if (emaDecay.isEmpty() || emaDecay.stream().distinct().count() < emaDecay.size()) {
            throw new IllegalArgumentException("ema_decay: expected different numbers, got " + emaDecay);
        }
        for (double decay : emaDecay) {
            if (!(decay >= 0 && decay < 1)) {
                throw new IllegalArgumentException("ema_decay: expected a number in [0, 1), got " + decay);
            }
        }
    }

    /** A run of {@code steps} steps with everything else at its default. */
    public static TrainingConfig of(int globalBatchSize, long steps, OptimizerConfig optimizer) {
        String keys = "{global_batch_size: " + globalBatchSize + ", steps: " + steps + "}";
        return Config.parse(keys, "training").with("optimizer", optimizer).bind("", TrainingConfig.class);
    }

    /** The same batches with the optimiser and rate of a discriminator, unclipped; nothing falls back to this section. */
    TrainingConfig forDiscriminator(DiscriminatorConfig other) {
        List<String> rates = List.of(
                "clip_grad=null",
                "scheduler=null",
                "base_lr=" + other.baseLr(),
                "final_lr=" + other.finalLr(),
                "schedule_type=" + other.scheduleType(),
                "decay_start_epoch=" + other.decayStartEpoch(),
                "decay_end_epoch=" + other.decayEndEpoch());
        Config config = Config.parse("{}", "gan.disc")
                .with("", this)
                .with("optimizer", other.optimizer())
                .withOverrides(rates);
        return (other.scheduler() == null ? config : config.with("scheduler", other.scheduler()))
                .bind("", TrainingConfig.class);
    }

    /** The learning rate of the optimiser section, before any schedule. */
    public double learningRate() {
        return optimizer.lr() != null ? optimizer.lr() : baseLr != null ? baseLr : DEFAULT_LR;
    }

    /** The weights of tokens in the loss that the ablation keys ask for. */
    public TokenWeighting tokenWeighting() {
        return new TokenWeighting(outlierTokenNorm, tokenNormShift, logitNormalScheduler, TokenWeighting.OFF.eps());
    }

    /** The largest gradient norm, or 0 for none. */
    public double effectiveClip() {
        return clipGrad == null || clipGrad <= 0 ? 0 : clipGrad;
    }

    /** Optimiser steps of the whole run. */
    public long totalSteps(int stepsPerEpoch) {
        if (steps == null && epochs == null) {
            throw new IllegalArgumentException("training: expected epochs or steps, got neither");
        }
        return steps != null ? steps : (long) epochs * stepsPerEpoch;
    }

    /** Steps between checkpoints. */
    public long checkpointEvery(int stepsPerEpoch) {
        return checkpointSteps != null ? checkpointSteps : (long) checkpointInterval * stepsPerEpoch;
    }

    private static void positive(String key, Number value) {
        if (value != null && value.longValue() < 1) {
            throw new IllegalArgumentException(key + ": expected 1 or more, got " + value);
        }
    }

    private static void notNegative(String key, int value) {
        if (value < 0) {
            throw new IllegalArgumentException(key + ": expected 0 or more, got " + value);
        }
    }
}
