// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.ConfigException;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingConfigTest {
    private static TrainingConfig parse(String keys) {
        return Config.parse("training: {global_batch_size: 4, " + keys + "}", "x.yaml")
                .bind("training", TrainingConfig.class);
    }

    private static LrSchedule schedule(String keys, int stepsPerEpoch) {
        return LrSchedule.of(parse(keys), stepsPerEpoch);
    }

    @Test
    void absentKeysHaveTheDefaultsOfTheReference() {
        TrainingConfig config = parse("epochs: 2");
        assertEquals(2e-4, config.learningRate());
        assertEquals(List.of(0.9, 0.95), config.optimizer().effectiveBetas());
        assertEquals(0, config.optimizer().effectiveWeightDecay());
        assertEquals(1e-8, config.optimizer().effectiveEps());
        assertEquals(1, config.effectiveClip());
        assertEquals(100, config.logInterval());
        assertEquals(4, config.checkpointInterval());
        assertEquals(14, config.totalSteps(7));
        assertEquals(28, config.checkpointEvery(7));
        assertTrue(config.trainFixedTables());
    }

    @Test
    void olderNamesOfOptimizerKeysAreReadAfterTheNewerOnes() {
        OptimizerConfig old =
                parse("optimizer: {beta: 0.8, wd: 0.3, base_lr: 5}").optimizer();
        assertEquals(List.of(0.8, 0.8), old.effectiveBetas());
        assertEquals(0.3, old.effectiveWeightDecay());
        OptimizerConfig both = parse("optimizer: {beta: 0.8, betas: [0.5, 0.6], wd: 0.3, weight_decay: 0.1}")
                .optimizer();
        assertEquals(List.of(0.5, 0.6), both.effectiveBetas());
        assertEquals(0.1, both.effectiveWeightDecay());
        assertEquals(2e-4, parse("optimizer: {base_lr: 5}").learningRate());
        assertEquals(3e-4, parse("base_lr: 3e-4").learningRate());
        assertEquals(1e-3, parse("base_lr: 3e-4, optimizer: {lr: 1e-3}").learningRate());
    }

    @ParameterizedTest
    @CsvSource({"clip_grad: null, 0", "clip_grad: 0, 0", "clip_grad: -1, 0", "clip_grad: 0.5, 0.5", "epochs: 1, 1"})
    void noClippingIsNullZeroOrLess(String key, double expected) {
        assertEquals(expected, parse(key).effectiveClip());
    }

    @Test
    void stepsAndCheckpointStepsOverrideEpochs() {
        TrainingConfig config = parse("epochs: 2, steps: 5, checkpoint_steps: 3");
        assertEquals(5, config.totalSteps(100));
        assertEquals(3, config.checkpointEvery(100));
        IllegalArgumentException error = assertThrows(
                IllegalArgumentException.class, () -> parse("log_interval: 1").totalSteps(1));
        assertEquals("training: expected epochs or steps, got neither", error.getMessage());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "steps: 0 | steps: expected 1 or more, got 0",
                "epochs: 0 | epochs: expected 1 or more, got 0",
                "checkpoint_steps: 0 | checkpoint_steps: expected 1 or more, got 0",
                "log_interval: 0 | log_interval: expected 1 or more, got 0",
                "keep_checkpoints: -1 | keep_checkpoints: expected 0 or more, got -1",
                "sample_every: -5 | sample_every: expected 0 or more, got -5",
                "grad_accum_steps: 3 | global_batch_size: expected a multiple of grad_accum_steps (3), got 4",
                "ema_decay: 1 | ema_decay: expected a number in [0, 1), got 1.0",
                "optimizer: {type: sgd} | type: expected adamw, got sgd",
                "optimizer: {betas: [1]} | betas: expected a number or a pair of numbers, got [1]",
                "ema_decay: [] | ema_decay: expected different numbers, got []",
                "ema_decay: [0.9, 0.9] | ema_decay: expected different numbers, got [0.9, 0.9]",
                "ema_decay: [0.9, -1] | ema_decay: expected a number in [0, 1), got -1.0",
                "non_finite: panic | non_finite: expected one of stop, skip, rollback, got \"panic\"",
                "non_finite_limit: -1 | non_finite_limit: expected 0 or more, got -1",
                "power_ema: {} | power_ema.snapshot_steps: required key is missing",
                "power_ema: {snapshot_steps: 0} | snapshot_steps: expected 1 or more, got 0",
                "power_ema: {snapshot_steps: 1, lengths: 0.3} | lengths: expected widths of 0.001 to 0.288, got 0.3",
                "optimizer: {groups: [{match: []}]} | match: expected at least one pattern, got none",
                "optimizer: {groups: [{match: x, lr: 1, lr_scale: 2}]} | lr_scale: expected lr or lr_scale, got both",
                "optimizer: {groups: [{match: x, lr: -1}]} | lr: expected 0 or more, got -1.0",
                "log_intervall: 5 | log_intervall: unknown key; did you mean log_interval?",
            })
    void wrongValuesAreNamed(String keys, String message) {
        String got = assertThrows(ConfigException.class, () -> parse(keys)).getMessage();
        assertTrue(got.endsWith(message), got);
    }

    @Test
    void fractionsOfStepsAreCutOff() {
        LrSchedule schedule = schedule(
                "scheduler: {warmup_epochs: 2.5, decay_end_epoch: 5.1, base_lr: 1, final_lr: 0, warmup_from_zero: yes}",
                13); // warm-up of 32 steps, end at 66
        assertEquals(31.0 / 32, schedule.rate(30));
        assertEquals(1, schedule.rate(32));
        assertEquals(1.0 / 34, schedule.rate(65), 1e-15);
        assertEquals(0, schedule.rate(66));
    }

    @Test
    void withoutAnEndTheRateDropsAfterTheWarmUp() {
        LrSchedule schedule = schedule("optimizer: {lr: 2}, final_lr: 1, scheduler: {warmup_steps: 3}", 7);
        assertEquals(2, schedule.rate(2));
        assertEquals(1, schedule.rate(3));
    }

    @Test
    void stepsComeBeforeEpochsAndTheSchedulerBeforeTheSection() {
        String section = "decay_start_epoch: 9, decay_end_epoch: 9, base_lr: 8, final_lr: 4, schedule_type: cosine, ";
        LrSchedule own = schedule(
                section + "scheduler: {type: linear, warmup_steps: 0, warmup_epochs: 5, decay_end_steps: 4,"
                        + " decay_end_epoch: 3, base_lr: 1, final_lr: 0}",
                10);
        assertEquals(0.75, own.rate(1));
        LrSchedule inherited = schedule(section + "scheduler: {decay_end_steps: 94}", 10);
        assertEquals(8, inherited.rate(89));
        assertEquals(8, inherited.rate(90));
        assertEquals(6, inherited.rate(92), 1e-12);
        assertEquals(4 + 4 * (1 + Math.cos(Math.PI / 4)) / 2, inherited.rate(91), 1e-12);
        assertEquals(4, inherited.rate(94));
    }

    @Test
    void keysWithoutEffectAreAcceptedAndNoSchedulerIsAConstantRate() {
        LrSchedule schedule = schedule(
                "log_every: 5, ckpt_every: 5, scheduler: {schedule_type: cosine, decay_start_epoch: 3,"
                        + " decay_end_steps: 4, base_lr: 1, final_lr: 0}",
                10);
        assertEquals(0.75, schedule.rate(1));
        assertEquals(2e-4, schedule("epochs: 1", 10).rate(1_000_000));
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> schedule("scheduler: {type: step}", 1));
        assertEquals("scheduler.type: expected linear or cosine, got step", error.getMessage());
    }
}
