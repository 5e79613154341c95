// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.loop.TinyRuns;
import ai.dsr.train.loop.TrainLoop;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class PostHocEmaTest {
    private static final int STEPS = 60;

    @TempDir
    private Path folder;

    /** Trains with lengths 0.05 and 0.1 stored, and 0.075 tracked beside them as the truth. */
    private TrainLoop train(NDManager manager, boolean half) {
        TrainLoop loop = TinyRuns.loop(
                manager,
                folder,
                "{steps: " + STEPS + ", global_batch_size: 2, optimizer: {lr: 1e-2}, checkpoint_steps: " + STEPS
                        + ", power_ema: {lengths: [0.05, 0.1, 0.075], snapshot_steps: 6, half_precision: " + half
                        + "}}");
        loop.run(manager);
        return loop;
    }

    private Map<String, TensorData> synthesize(NDManager manager, double length, Path out) {
        PostHocEma.Result result = PostHocEma.write(manager, folder, length, null, out);
        assertEquals(STEPS, result.step());
        return SafeTensors.read(out).toMap();
    }

    @Test
    void aLengthThatIsChosenAfterwardsIsThatOfAnAverageTrackedAllAlong(NDManager manager) {
        TrainLoop loop = train(manager, false);
        AtomicFiles.deleteFolder(folder.resolve("snapshots/power-0.075"));
        Path out = folder.resolve("out.safetensors");
        Map<String, TensorData> got = synthesize(manager, 0.075, out);
        double error = 0;
        double moved = 0;
        for (String name : got.keySet()) {
            float[] truth = loop.state()
                    .averagesByName()
                    .get("ema-power-0.075")
                    .get(name)
                    .toFloatArray();
            float[] last = loop.state().weightsByName().get(name).toFloatArray();
            float[] values = TinyRuns.floats(manager, got.get(name));
            for (int i = 0; i < truth.length; i++) {
                error += Math.pow(values[i] - truth[i], 2);
                moved += Math.pow(last[i] - truth[i], 2);
            }
        }
        assertTrue(
                Math.sqrt(error / moved) < 0.02,
                "error relative to the way to the last weights: " + Math.sqrt(error / moved));
        assertEquals("0.075", SafeTensors.metadata(out).get("length"));
        assertEquals("60", SafeTensors.metadata(out).get("step"));
    }

    @Test
    void aStoredLengthComesBackAsItWas(NDManager manager) {
        TrainLoop loop = train(manager, false);
        Map<String, TensorData> got = synthesize(manager, 0.1, folder.resolve("out.safetensors"));
        got.forEach((name, tensor) -> assertArrayEquals(
                loop.state().averagesByName().get("ema-power-0.1").get(name).toFloatArray(),
                TinyRuns.floats(manager, tensor),
                1e-5f,
                name));
    }

    @Test
    void snapshotsInHalfPrecisionAreNearly(NDManager manager) {
        TrainLoop loop = train(manager, true);
        Map<String, TensorData> got = synthesize(manager, 0.1, folder.resolve("out.safetensors"));
        got.forEach((name, tensor) -> assertArrayEquals(
                loop.state().averagesByName().get("ema-power-0.1").get(name).toFloatArray(),
                TinyRuns.floats(manager, tensor),
                5e-3f,
                name));
    }

    @Test
    void whatIsMissingIsNamed(NDManager manager) {
        Path out = folder.resolve("out.safetensors");
        String none = assertThrows(
                        IllegalArgumentException.class, () -> PostHocEma.write(manager, folder, 0.1, null, out))
                .getMessage();
        assertEquals(
                folder.resolve("snapshots")
                        + ": expected snapshots of averages, got none; train with training.power_ema",
                none);
        train(manager, false);
        String step = assertThrows(
                        IllegalArgumentException.class, () -> PostHocEma.write(manager, folder, 0.1, 7L, out))
                .getMessage();
        assertTrue(
                step.startsWith(folder + ": expected a snapshot of step 7, got those of steps [6, 12, 18, 24"), step);
    }
}
