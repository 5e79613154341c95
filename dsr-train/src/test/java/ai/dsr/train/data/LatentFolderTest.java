// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.LeakCheck;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class LatentFolderTest {
    @TempDir
    private Path folder;

    private void write(String name, DataType type, float[] latents, long channels, long... labels) {
        ByteBuffer bytes = ByteBuffer.allocate(labels.length * Long.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asLongBuffer().put(labels);
        SafeTensors.write(
                folder.resolve(name),
                Map.of(
                        "latents",
                        TensorData.of(latents, latents.length / channels, channels, 1, 1)
                                .toFloating(type),
                        "labels",
                        TensorData.of(DataType.INT64, new Shape(labels.length), bytes)),
                Map.of());
    }

    private String fault() {
        return assertThrows(IllegalArgumentException.class, () -> LatentFolder.open(folder))
                .getMessage();
    }

    @Test
    void samplesAreThoseOfTheFilesInOrderOfAnyType(NDManager manager) throws IOException {
        write("b.safetensors", DataType.FLOAT16, new float[] {5, 6}, 2, 0);
        write("a.safetensors", DataType.FLOAT32, new float[] {1, 2, 3, 4}, 2, 2, 1);
        LatentFolder latents = LatentFolder.open(folder);
        assertEquals(3, latents.size());
        assertEquals(new Shape(2, 1, 1), latents.sampleShape());
        assertArrayEquals(
                new float[] {5, 6, 1, 2, 3, 4},
                latents.gather(manager, new int[] {2, 0, 1}).toFloatArray());
        assertEquals(2, latents.label(0));
        assertEquals(0, latents.label(2));
        assertEquals(List.of("0", "1", "2"), latents.classNames());
        Files.writeString(folder.resolve("classes.txt"), "cat\ndog\nowl\nfox\n");
        assertEquals(
                List.of("cat", "dog", "owl", "fox"), LatentFolder.open(folder).classNames());
        assertThrows(IllegalStateException.class, () -> latents.get(0));
    }

    @Test
    void theFingerprintFollowsTheFiles() {
        write("a.safetensors", DataType.FLOAT32, new float[] {1, 2}, 2, 0);
        String before = LatentFolder.open(folder).fingerprint();
        assertEquals(before, LatentFolder.open(folder).fingerprint());
        write("b.safetensors", DataType.FLOAT32, new float[] {1, 2}, 2, 0);
        assertTrue(!before.equals(LatentFolder.open(folder).fingerprint()));
    }

    @Test
    void differentFilesAreRefusedByName() {
        assertEquals(folder + ": expected safetensors files with latents and labels, got none", fault());
        write("a.safetensors", DataType.FLOAT32, new float[] {1, 2}, 2, 0);
        write("b.safetensors", DataType.FLOAT32, new float[] {1, 2, 3}, 3, 0);
        assertTrue(fault().startsWith(folder.resolve("b.safetensors") + ": expected latents (n, C, H, W) of one size"));
        write("b.safetensors", DataType.FLOAT32, new float[] {1, 2}, 2, 0, 1);
        assertTrue(fault().endsWith("got (1, 2, 1, 1) and 2 labels"), fault());
        Path none = folder.resolve("none");
        assertEquals(
                none + ": expected a folder of latents, got no such folder",
                assertThrows(IllegalArgumentException.class, () -> LatentFolder.open(none))
                        .getMessage());
    }
}
