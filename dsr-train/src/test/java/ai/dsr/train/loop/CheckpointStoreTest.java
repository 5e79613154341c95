// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.optim.TrainingConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class CheckpointStoreTest {
    private static final TrainingConfig CONFIG = TinyRun.training("{steps: 9, global_batch_size: 2}");

    @TempDir
    private Path folder;

    private TrainState state(NDManager manager, int width) {
        return new TrainState(
                manager, TinyRun.task(manager, folder.resolve("cache"), width).model(), CONFIG);
    }

    private static String fault(Path checkpoint, TrainState state) {
        return assertThrows(IllegalArgumentException.class, () -> CheckpointStore.restore(checkpoint, state))
                .getMessage();
    }

    @Test
    void aChangedByteIsRefusedWithTheNameOfTheFile(NDManager manager) throws IOException {
        TrainState state = state(manager, 16);
        Path checkpoint = new CheckpointStore(folder, 0).save(state);
        for (String name : new String[] {"model", "ema", "optimizer"}) {
            Path file = checkpoint.resolve(name + ".safetensors");
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
            String message = fault(checkpoint, state);
            assertTrue(message.startsWith(file + ": expected SHA-256 "), message);
            assertTrue(message.endsWith("; delete this checkpoint to resume from the one before it"), message);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
        }
        CheckpointStore.restore(checkpoint, state);
    }

    @Test
    void aMissingFileIsRefused(NDManager manager) throws IOException {
        TrainState state = state(manager, 16);
        Path checkpoint = new CheckpointStore(folder, 0).save(state);
        for (String name : new String[] {"state.json", "ema.safetensors", "manifest.json"}) {
            Files.delete(checkpoint.resolve(name));
            assertEquals(
                    checkpoint.resolve(name) + ": expected a file of the checkpoint, got none; delete this checkpoint"
                            + " to resume from the one before it",
                    fault(checkpoint, state));
        }
    }

    @Test
    void theCheckpointOfAnotherModelIsRefused(NDManager manager) {
        Path checkpoint = new CheckpointStore(folder, 0).save(state(manager, 16));
        String message = fault(checkpoint, state(manager, 32));
        assertTrue(message.contains("model.safetensors"), message);
        assertTrue(message.contains("is this the run's own checkpoint?"), message);
    }

    @Test
    void leftoversOfAKillAreNoCheckpoints(NDManager manager) throws IOException {
        CheckpointStore store = new CheckpointStore(folder, 0);
        assertEquals(Optional.empty(), store.latest());
        Files.createDirectories(folder.resolve("checkpoints/.step-9.0b1e.tmp"));
        Files.createDirectories(folder.resolve("checkpoints/step-last"));
        assertEquals(Optional.empty(), store.latest());
        assertEquals(Optional.of(store.save(state(manager, 16))), store.latest());
    }

    @Test
    void onlyTheNewestCheckpointsStay(NDManager manager) {
        CheckpointStore store = new CheckpointStore(folder, 2);
        TrainState state = state(manager, 16);
        for (long step : new long[] {8, 9, 10, 11}) { // by number, not by name
            state.restoreCounters(step, step);
            store.save(state);
        }
        assertEquals(Optional.of(folder.resolve("checkpoints/step-11")), store.latest());
        assertTrue(Files.exists(folder.resolve("checkpoints/step-10/state.json")));
        assertFalse(Files.exists(folder.resolve("checkpoints/step-9")));
        assertFalse(Files.exists(folder.resolve("checkpoints/step-8")));
    }
}
