// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.loop.TinyRuns;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.OptimizerConfig;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class StepTrialTest {
    private static final StepTrial.Effort EFFORT = new StepTrial.Effort(600, 200);

    @TempDir
    private Path folder;

    private StepTrial.Overfit overfit(NDManager manager, TrainTask task) {
        return StepTrial.overfit(manager, task, OptimizerConfig.defaults(), 5e-3, EFFORT);
    }

    @Test
    void aModelLearnsAFewSamplesByHeart(NDManager manager) {
        StepTrial.Overfit trial = overfit(manager, TinyRuns.task(manager, folder, 64));
        assertEquals(200, trial.steps());
        assertTrue(trial.after() < 0.7 * trial.before(), trial.toString());
        assertTrue(trial.after() < 0.9 * trial.others(), trial.toString());
    }

    @Test
    void aTaskThatMixesUpItsSamplesDoesNotPass(NDManager manager) {
        TrainTask task = TinyRuns.shuffled(TinyRuns.task(manager, folder, 64));
        StepTrial.Overfit trial = overfit(manager, task);
        assertTrue(trial.after() > 0.9 * trial.others(), trial.toString());
    }

    @Test
    void timingChangesNoWeight(NDManager manager) {
        TrainTask task = TinyRuns.task(manager, folder, 16);
        StepTrial.Cost cost = StepTrial.time(
                manager, task, TinyRuns.training("{steps: 9, global_batch_size: 24, optimizer: {lr: 0}}"));
        assertTrue(cost.seconds() > 0 && cost.seconds() < 60, cost.toString());
        TrainTask same = TinyRuns.task(manager, folder, 16);
        same.model()
                .arrays()
                .forEach((name, value) -> assertArrayEquals(
                        value.toFloatArray(), task.model().arrays().get(name).toFloatArray(), name));
    }
}
