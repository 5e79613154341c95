// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ai.dsr.core.config.Config;
import java.util.List;
import org.junit.jupiter.api.Test;

class DiscriminatorConfigTest {
    private static TrainingConfig discriminator(String disc) {
        String training = "training: {global_batch_size: 8, epochs: 2, clip_grad: 0.5, base_lr: 7.0, final_lr: 6.0, "
                + "schedule_type: cosine, decay_end_epoch: 9, optimizer: {lr: 3.0, wd: 0.1}, "
                + "scheduler: {warmup_steps: 5, warmup_from_zero: true}}\n";
        Config config = Config.parse(training + "gan: {disc: " + disc + "}", "x.yaml");
        return config.bind("gan.disc", DiscriminatorConfig.class)
                .training(config.bind("training", TrainingConfig.class));
    }

    @Test
    void itHasTheDecodersCourseAndItsOwnOptimiser() {
        TrainingConfig config = discriminator(
                "{arch: {ks: 9}, optimizer: {lr: 1e-4, betas: [0.9, 0.95]}, scheduler: {type: cosine, base_lr: 2e-4, "
                        + "final_lr: 2e-5, warmup_epochs: 1, decay_end_epoch: 2}, augment: {prob: 1.0}}");
        assertEquals(8, config.globalBatchSize());
        assertEquals(0, config.effectiveClip(), "the discriminator is not clipped");
        assertEquals(1e-4, config.learningRate());
        assertEquals(List.of(0.9, 0.95), config.optimizer().effectiveBetas());
        LrSchedule schedule = LrSchedule.of(config, 10);
        assertEquals(2e-4, schedule.rate(0));
        assertEquals(1.1e-4, schedule.rate(15), 1e-12);
        assertEquals(2e-5, schedule.rate(20), 1e-12);
    }

    @Test
    void missingKeysFallBackToItsOwnSection() {
        TrainingConfig config = discriminator(
                "{base_lr: 4e-4, final_lr: 1e-4, schedule_type: cosine, decay_start_epoch: 1, decay_end_epoch: 3,"
                        + " scheduler: {}}");
        assertEquals(4e-4, config.learningRate());
        LrSchedule schedule = LrSchedule.of(config, 10);
        assertEquals(4e-4, schedule.rate(9));
        assertEquals(2.5e-4, schedule.rate(20), 1e-12);
        assertEquals(1e-4, schedule.rate(30), 1e-12);
    }

    @Test
    void nothingFallsBackToTheDecoder() {
        TrainingConfig config = discriminator("{}");
        assertNull(config.scheduler());
        assertEquals(2e-4, config.learningRate());
        assertEquals(0, config.optimizer().effectiveWeightDecay());
        assertEquals(2e-4, LrSchedule.of(config, 10).rate(100));
    }
}
