// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.nn.Layer;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class MemoryLedgerTest {
    private static final double MIB = 1 << 20;

    @TempDir
    private Path folder;

    @Test
    void thePlanCountsEveryArrayOfTheState(NDManager manager) {
        TrainingConfig config = TinyRun.training("{steps: 1, global_batch_size: 4, ema_decay: [0.9, 0.99],"
                + " train_fixed_tables: false, power_ema: {snapshot_steps: 1}}");
        TrainTask task = TinyRun.task(manager, folder);
        Layer model = task.model();
        long all = 4 * model.parameterCount();
        long trains = 4
                * model.weights().values().stream()
                        .filter(weight -> !weight.isTable())
                        .mapToLong(weight -> weight.shape().size())
                        .sum();
        assertTrue(trains < all);
        assertEquals(
                Map.of("weights", 2 * all, "optimizer", 2 * trains, "ema", 4 * all, "gradients", trains),
                MemoryLedger.plan(task, config, 2));
    }

    @Test
    void linesNameOwnersPeakAndTrend(NDManager manager) {
        TrainLoop loop = TinyRuns.loop(
                manager, folder, "{steps: 5, global_batch_size: 4, log_interval: 1, checkpoint_steps: 9}");
        loop.run(manager);
        JsonNode last = new MetricsLog(folder).read().get(4);
        double weights = 4 * loop.task().model().parameterCount() / MIB;
        assertEquals(weights, last.get("memory_weights_mb").asDouble(), 0.06);
        assertEquals(2 * weights, last.get("memory_optimizer_mb").asDouble(), 0.06);
        assertEquals(weights, last.get("memory_ema_mb").asDouble(), 0.06);
        assertTrue(last.has("memory_step_mb") && last.has("memory_trend_mb_per_1000_steps"), last.toString());
        assertTrue(last.get("peak_mb").asLong() >= last.get("rss_mb").asLong(), last.toString());
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aStateThatCannotFitIsRefusedByItsLargestOwner() {
        long tera = 1L << 40;
        Map<String, Long> plan = Map.of("optimizer", 2 * tera, "weights", tera);
        String message = assertThrows(IllegalArgumentException.class, () -> MemoryLedger.requireFits(plan, 0, tera))
                .getMessage();
        assertTrue(message.startsWith("run.memory_budget: expected room for 31"), message);
        assertTrue(message.endsWith("got 1048576 MiB; the largest is optimizer"), message);
        MemoryLedger.requireFits(plan, 3 * tera, tera);
        MemoryLedger.requireFits(plan, 0, MemoryLedger.UNLIMITED);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aStepBeyondTheBudgetStopsWithACheckpoint(NDManager manager) {
        TrainLoop loop = TinyRuns.loop(manager, folder, "{steps: 5, global_batch_size: 4, checkpoint_steps: 9}");
        loop.setMemoryBudget(1 << 20);
        String message = assertThrows(IllegalStateException.class, () -> loop.run(manager))
                .getMessage();
        assertTrue(message.startsWith("memory at step 1: expected at most 1 MiB (run.memory_budget), got "), message);
        assertTrue(message.contains("weights ") && message.contains("the largest is "), message);
        assertTrue(message.endsWith("a checkpoint has been written"), message);
        assertTrue(Files.exists(folder.resolve("checkpoints/step-1/manifest.json")));
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aThousandStepsAreFlat(NDManager manager) {
        TrainingConfig config = TinyRun.training("{steps: 1300, global_batch_size: 2, ema_decay: [0.9, 0.99]}");
        TrainTask task = TinyRun.task(manager, folder);
        TrainState state = new TrainState(manager, task.model(), config);
        TrainStep step = new TrainStep(new Replicas(List.of(task), config), state, config, LrSchedule.of(config, 5));
        long after300 = 0;
        for (int i = 0; i < 1300; i++) {
            step.run(manager, new int[] {i % TinyRun.SAMPLES, (i + 3) % TinyRun.SAMPLES});
            after300 = i == 300 ? ProcessMemory.resident() : after300;
        }
        double grown = (ProcessMemory.resident() - after300) / MIB;
        double state16 = 16 * 4 * task.model().parameterCount() / MIB; // one copy of the weights in 62 steps
        assertTrue(grown < Math.max(state16, 24), "1000 steps grew by " + grown + " MiB");
    }
}
