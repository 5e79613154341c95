// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.ChildJvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** {@code kill -9} at random moments, checkpoint writes included: nothing that was written is lost. */
class KillTest {
    private static final String SAVING = "saving ";

    @TempDir
    private Path folder;

    @Test
    void threeKillsLoseNothing() throws Exception {
        killAndFinish(3);
    }

    @Test
    @Tag("slow")
    void thirtyKillsLoseNothing() throws Exception {
        int torn = killAndFinish(30);
        assertTrue(torn > 0, "expected some of 30 kills to hit a checkpoint being written");
    }

    /** Returns how many kills left a half-written folder behind. */
    private int killAndFinish(int kills) throws Exception {
        RandomStream random = SeedTree.of(kills).child("kills").stream();
        int torn = 0;
        long safe = 0;
        for (int i = 0; i < kills; i++) {
            long lastSaving = killOnce(random);
            torn += AtomicFiles.leftovers(folder.resolve("run/checkpoints")).isEmpty() ? 0 : 1;
            safe = Math.max(safe, lastSaving - 1); // the write before the last one had ended
            assertTrue(newest() >= safe, "after kill " + i + ": expected step " + safe + " or later");
            assertTrue(new MetricsLog(folder.resolve("run")).read().size() >= safe);
        }
        finishLikeAnUninterruptedRun();
        return torn;
    }

    /** Loads the newest checkpoint, as the next process will. */
    private long newest() throws IOException {
        try (NDManager manager = Torch.newManager()) {
            Path newest = new CheckpointStore(folder.resolve("run"), 0).latest().orElseThrow();
            TrainState state = KilledRun.loop(manager, folder).state();
            CheckpointStore.restore(newest, state);
            return state.step();
        }
    }

    /** Kills a process a random time after a random one of its checkpoint writes began; returns the step of the last. */
    private long killOnce(RandomStream random) throws Exception {
        Process process = ChildJvm.start(KilledRun.class, folder.toString());
        try (BufferedReader lines = process.inputReader()) {
            int writes = 2 + random.nextInt(5);
            long last = 0;
            while (writes > 0) {
                String line = lines.readLine();
                if (line == null) {
                    throw new AssertionError("the process ended by itself: " + ChildJvm.errors(process));
                }
                if (line.startsWith(SAVING)) {
                    last = Long.parseLong(line.substring(SAVING.length()));
                    writes--;
                }
            }
            TimeUnit.MICROSECONDS.sleep(random.nextInt(30_000)); // a write takes about 15 milliseconds
            process.toHandle().destroyForcibly(); // Process.destroyForcibly would close its streams as well
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                last = line.startsWith(SAVING) ? Long.parseLong(line.substring(SAVING.length())) : last;
            }
            process.waitFor();
            return last;
        }
    }

    private void finishLikeAnUninterruptedRun() throws IOException {
        Path straight = folder.resolve("straight");
        try (NDManager manager = Torch.newManager()) {
            TrainLoop rest = KilledRun.loop(manager, folder);
            long done = rest.resume();
            assertTrue(done > 0
                    && AtomicFiles.leftovers(folder.resolve("run/checkpoints")).isEmpty());
            Path last = rest.run(manager, StopRequest.after(done + 2)).checkpoint();
            TrainLoop whole = KilledRun.loop(manager, Files.createDirectories(straight));
            Path expected = whole.run(manager, StopRequest.after(done + 2)).checkpoint();
            assertEquals(
                    Files.readString(expected.resolve("manifest.json")),
                    Files.readString(last.resolve("manifest.json")));
            assertEquals(done + 2, new MetricsLog(folder.resolve("run")).read().size());
        }
    }
}
