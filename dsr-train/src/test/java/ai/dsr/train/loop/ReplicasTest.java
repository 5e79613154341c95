// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDManager;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.optim.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class ReplicasTest {
    private static final String REST = ", log_interval: 1, checkpoint_steps: 4, optimizer: {lr: 1e-2, wd: 0.1}}";

    @TempDir
    private Path folder;

    /** Trains four steps of eight samples and returns the hashes of the whole state. */
    private String train(NDManager manager, int replicas, int partsEach, Path run) throws IOException {
        Files.createDirectories(run);
        TrainingConfig config =
                TinyRun.training("{steps: 4, global_batch_size: 8, grad_accum_steps: " + partsEach + REST);
        List<TrainTask> tasks = new java.util.ArrayList<>();
        for (int i = 0; i < replicas; i++) {
            tasks.add(TinyRun.task(manager, folder.resolve("cache")));
        }
        TrainLoop loop = new TrainLoop(manager, tasks, config, run);
        Path checkpoint = loop.run(manager).checkpoint();
        for (TrainTask task : tasks) {
            task.model()
                    .arrays()
                    .forEach((name, value) -> assertArrayEquals(
                            loop.state().weightsByName().get(name).toFloatArray(), value.toFloatArray(), name));
        }
        return Files.readString(checkpoint.resolve("manifest.json"));
    }

    @Test
    void twoReplicasGiveTheBitsOfOneWithTheSameMicroBatches(NDManager manager) throws IOException {
        String one = train(manager, 1, 4, folder.resolve("one"));
        assertEquals(one, train(manager, 2, 2, folder.resolve("two")));
        assertEquals(one, train(manager, 4, 1, folder.resolve("four")));
    }

    @Test
    void aResumedRunOfTwoReplicasEqualsAnUninterruptedOne(NDManager manager) throws IOException {
        String straight = train(manager, 2, 1, folder.resolve("straight"));
        Path run = Files.createDirectories(folder.resolve("run"));
        TrainingConfig config =
                TinyRun.training("{steps: 4, global_batch_size: 8, grad_accum_steps: 1, keep_checkpoints: 0" + REST);
        List<TrainTask> tasks =
                List.of(TinyRun.task(manager, folder.resolve("cache")), TinyRun.task(manager, folder.resolve("cache")));
        TrainLoop first = new TrainLoop(manager, tasks, config, run);
        StopRequest stop = new StopRequest();
        first.addHook((state, log) -> {
            if (state.step() == 2) {
                stop.request();
            }
        });
        TrainLoop.Outcome stopped = first.run(manager, stop);
        assertEquals(new TrainLoop.Outcome(run.resolve("checkpoints/step-2"), 2, false), stopped);
        List<TrainTask> fresh =
                List.of(TinyRun.task(manager, folder.resolve("cache")), TinyRun.task(manager, folder.resolve("cache")));
        TrainLoop second = new TrainLoop(manager, fresh, config, run);
        assertEquals(2, second.resume());
        Path last = second.run(manager).checkpoint();
        assertEquals(straight, Files.readString(last.resolve("manifest.json")));
    }

    @Test
    void aBatchThatCannotBeSharedOutIsRefused(NDManager manager) {
        TrainingConfig config = TinyRun.training("{steps: 4, global_batch_size: 6, grad_accum_steps: 2}");
        List<TrainTask> tasks = List.of(TinyRun.task(manager, folder), TinyRun.task(manager, folder));
        assertEquals(
                "global_batch_size: expected a multiple of devices times grad_accum_steps (4), got 6",
                assertThrows(IllegalArgumentException.class, () -> new TrainLoop(manager, tasks, config, folder))
                        .getMessage());
    }
}
