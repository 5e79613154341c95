// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Torch;
import ai.dsr.train.optim.TrainingConfig;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A process that is to be killed: trains the tiny model on, with a checkpoint after each step, and says on its standard
 * output when it begins to write one.
 */
final class KilledRun {
    static final int STEPS = 400;

    /** A line a step, a checkpoint a step, several averages. */
    static final TrainingConfig CONFIG =
            TinyRun.training("{steps: " + STEPS + ", global_batch_size: 4, log_interval: 1, checkpoint_steps: 1,"
                    + " keep_checkpoints: 2, ema_decay: [0.9, 0.99], optimizer: {lr: 1e-3, wd: 0.1}}");

    private KilledRun() {}

    /** Runs in the folder of the first argument. */
    public static void main(String[] args) throws IOException {
        PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), true, StandardCharsets.UTF_8);
        Path folder = Path.of(args[0]);
        try (NDManager manager = Torch.newManager()) {
            TrainLoop loop = loop(manager, folder);
            loop.addHook((state, log) -> out.println("saving " + state.step()));
            out.println("resumed " + loop.resume());
            loop.run(manager);
        }
    }

    static TrainLoop loop(NDManager manager, Path folder) throws IOException {
        Path run = Files.createDirectories(folder.resolve("run"));
        return new TrainLoop(manager, TinyRun.task(manager, folder.resolve("cache")), CONFIG, run);
    }
}
