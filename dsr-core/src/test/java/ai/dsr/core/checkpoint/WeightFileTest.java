// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.TorchFile;
import ai.dsr.testkit.TorchFile.Floats;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class WeightFileTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("w.pt");
    }

    private static Floats value(float value) {
        return new Floats(new float[] {value}, 1);
    }

    private static Map<String, Object> training(long step) {
        Map<String, Object> root = new LinkedHashMap<>();
        root.put("step", step);
        root.put("model", Map.of("a", value((float) step)));
        root.put("ema", Map.of("a", value((float) -step)));
        root.put("scheduler", null);
        return root;
    }

    private float only(WeightFile.Choice choice) {
        return WeightFile.read(file, choice).get("a").toFloats()[0];
    }

    private String fault() {
        return assertThrows(IllegalArgumentException.class, () -> WeightFile.read(file))
                .getMessage();
    }

    @Test
    void averagedWeightsAreTakenUnlessOthersAreAskedFor() {
        TorchFile.write(file, training(3));
        assertEquals(-3, WeightFile.read(file).get("a").toFloats()[0]);
        assertEquals(3, only(WeightFile.Choice.MODEL));
    }

    @Test
    void aCheckpointWithoutAveragesIsRefusedUnlessItsOwnWeightsAreAskedFor() {
        TorchFile.write(file, Map.of("model", Map.of("a", value(1))));
        assertEquals(
                file + ": expected ema weights, got a checkpoint with model; ask for the others with --weights",
                fault());
        assertEquals(1, only(WeightFile.Choice.MODEL));
    }

    @Test
    void bareAndWrappedStateDictsAreTakenAsTheyAre() {
        TorchFile.write(file, Map.of("a", value(1)));
        assertEquals(1, only(WeightFile.Choice.EMA));
        assertEquals(1, only(WeightFile.Choice.MODEL));
        TorchFile.write(file, Map.of("epoch", 3, "state_dict", Map.of("module._orig_mod.a", value(2))));
        assertEquals(2, only(WeightFile.Choice.EMA));
        TorchFile.write(file, Map.of("module.a", value(1), "b", value(2)));
        assertTrue(WeightFile.read(file).has("module.a")); // a name, not a wrapper: the other one lacks it
    }

    @Test
    void absentStatisticsMayBeNull() {
        Map<String, Object> statistics = new LinkedHashMap<>();
        statistics.put("mean", value(1));
        statistics.put("var", null);
        assertEquals(
                List.of("mean"),
                List.copyOf(WeightFile.read(TorchFile.write(file, statistics)).names()));
    }

    @Test
    void otherContentIsNamed() {
        TorchFile.write(file, Map.of("a", value(1), "lr", 0.5));
        assertEquals(file + ": expected a dictionary of tensors, got other values at lr", fault());
        TorchFile.write(file, Map.of());
        assertEquals(file + ": expected a dictionary of tensors, got other values at none", fault());
    }

    @Test
    void safetensorsAreToldByTheirContent() throws Exception {
        SafeTensors.write(file, Map.of("a", TensorData.of(new float[] {4}, 1)), Map.of());
        assertEquals(4, only(WeightFile.Choice.EMA));
        Files.writeString(file, "not weights");
        assertEquals(file + ": expected a checkpoint of torch.save, got another kind of file", fault());
        Files.move(file, folder.resolve("model.safetensors"));
        SafeTensors.write(
                folder.resolve("model.safetensors"), Map.of("a", TensorData.of(new float[] {5}, 1)), Map.of());
        assertArrayEquals(new float[] {5}, WeightFile.read(folder).get("a").toFloats());
    }

    @Test
    void theFurthestCheckpointOfAFolderIsTaken() {
        TorchFile.write(folder.resolve("ep-0000002.pt"), training(20));
        TorchFile.write(folder.resolve("ep-0000010.pt"), training(100));
        assertEquals(-100, WeightFile.read(folder).get("a").toFloats()[0]);
        TorchFile.write(folder.resolve("ep-last.pt"), training(110));
        assertEquals(folder.resolve("ep-last.pt"), WeightFile.locate(folder));
        TorchFile.write(folder.resolve("ep-0000012.pt"), training(120)); // trained on after the end
        assertEquals(folder.resolve("ep-0000012.pt"), WeightFile.locate(folder));
    }
}
