// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.nn.Layer;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.config.Experiment;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.run.DecoderRun;
import ai.dsr.train.run.ResumeCheck;
import ai.dsr.train.run.TrainingJob;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BiConsumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class ResumeCheckTest {
    @TempDir
    private Path root;

    /** A job whose loss depends on how often it was asked since the process began: a state that no checkpoint holds. */
    private static TrainingJob forgetful(TrainingJob job) {
        return new TrainingJob() {
            @Override
            public TrainTask task(NDManager manager) {
                return new Counting(job.task(manager));
            }

            @Override
            public Experiment resolved() {
                return job.resolved();
            }

            @Override
            public BundleManifest manifest() {
                return job.manifest();
            }
        };
    }

    private static final class Counting implements TrainTask {
        private final TrainTask task;
        private int calls;

        Counting(TrainTask task) {
            this.task = task;
        }

        @Override
        public Layer model() {
            return task.model();
        }

        @Override
        public int sampleCount() {
            return task.sampleCount();
        }

        @Override
        public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
            calls++;
            return task.loss(step, batch).mul(calls);
        }

        @Override
        public void preview(Path file) {
            task.preview(file);
        }
    }

    @Test
    void aRunThatForgetsSomethingIsFoundOut(NDManager manager) throws IOException {
        TinyFiles.write(root);
        Experiment experiment = Experiment.load(root.resolve("decoder.yaml"), List.of());
        ResumeCheck check = new ResumeCheck(
                (own, training, owner) -> forgetful(DecoderRun.open(own, training, owner)), manager, plain -> plain);
        List<ResumeCheck.Row> rows = check.run(experiment, 2, 1);
        assertEquals(
                List.of("ema", "model", "optimizer", "counters", "metrics"),
                rows.stream().map(ResumeCheck.Row::what).toList());
        assertEquals("decoder_pos_embed", rows.get(1).difference());
        assertEquals("exp_avg/decoder_pos_embed", rows.get(2).difference());
        assertEquals(null, rows.get(3).difference(), "the order of the data is the same");
        assertEquals("step 3", rows.get(4).difference());
        try (Stream<Path> left = Files.list(root.resolve("runs"))) {
            assertEquals(List.of(), left.toList(), "nothing remains of the check");
        }
    }
}
