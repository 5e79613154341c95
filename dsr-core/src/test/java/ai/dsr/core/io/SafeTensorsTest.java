// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SafeTensorsTest {
    @TempDir
    Path folder;

    private static Map<String, TensorData> oneOfEachType() {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        tensors.put("z.scalar", TensorData.of(new float[] {7}));
        tensors.put("empty", TensorData.of(new float[0], 2, 0));
        for (DataType type : TensorDataTest.TYPES) {
            tensors.put("a." + type, TensorDataTest.sample(type));
        }
        return tensors;
    }

    @Test
    void everyTypeIsWrittenAndReadInOrder() {
        Path file = folder.resolve("sub/x.safetensors");
        Map<String, TensorData> tensors = oneOfEachType();
        SafeTensors.write(file, tensors, Map.of("format", "pt"));
        StateDict read = SafeTensors.read(file);
        assertEquals("x.safetensors", read.source());
        assertEquals(List.copyOf(tensors.keySet()), List.copyOf(read.names()));
        tensors.forEach((name, tensor) -> {
            assertEquals(tensor.type(), read.get(name).type(), name);
            assertArrayEquals(tensor.shape(), read.get(name).shape(), name);
            assertEquals(tensor.bytes(), read.get(name).bytes(), name);
        });
        assertEquals(Map.of("format", "pt"), SafeTensors.metadata(file));
    }

    @Test
    void equalContentGivesEqualBytesWithAnAlignedHeader() throws IOException {
        Path one = folder.resolve("1.safetensors");
        Path two = folder.resolve("2.safetensors");
        SafeTensors.write(one, oneOfEachType(), Map.of());
        SafeTensors.write(two, SafeTensors.read(one).toMap(), Map.of());
        assertEquals(Sha256.ofFile(one), Sha256.ofFile(two));
        assertEquals(0, Files.readAllBytes(one)[0] % 8);
    }

    @Test
    void nothingIsAValidContent() {
        Path file = folder.resolve("none.safetensors");
        SafeTensors.write(file, Map.of(), Map.of());
        assertEquals(0, SafeTensors.read(file).size());
        assertEquals(Map.of(), SafeTensors.metadata(file));
    }

    @Test
    void floatingTensorsCanBeStoredNarrower() {
        Path file = folder.resolve("half.safetensors");
        SafeTensors.write(file, oneOfEachType(), Map.of(), DataType.BFLOAT16);
        StateDict read = SafeTensors.read(file);
        assertEquals(DataType.BFLOAT16, read.get("a.float64").type());
        assertEquals(DataType.INT64, read.get("a.int64").type());
        assertArrayEquals(
                new float[] {-2, -1, 0, 1, 2, 3}, read.get("a.float32").toFloats());
    }

    @Test
    void arraysAreWrittenFromTheirDevice() {
        Path file = folder.resolve("arrays.safetensors");
        try (NDManager manager = NDManager.newBaseManager()) {
            Map<String, NDArray> arrays = new LinkedHashMap<>();
            arrays.put("w", manager.arange(6f).reshape(2, 3).transpose());
            arrays.put("n", manager.create(new long[] {3, 4}));
            manager.cap();
            SafeTensors.writeArrays(file, arrays, Map.of());
            assertArrayEquals(
                    new float[] {0, 3, 1, 4, 2, 5},
                    SafeTensors.read(file).require("w", new Shape(3, 2)).toFloats());
            SafeTensors.writeArrays(file, arrays, Map.of(), DataType.FLOAT16);
        }
        StateDict read = SafeTensors.read(file);
        assertEquals(DataType.FLOAT16, read.get("w").type());
        assertArrayEquals(new long[] {3, 4}, read.get("n").toLongs());
    }

    @Test
    void aMappedFileMayBeReplaced() {
        Path file = folder.resolve("x.safetensors");
        SafeTensors.write(file, Map.of("a", TensorData.of(new float[] {1}, 1)), Map.of());
        StateDict old = SafeTensors.read(file);
        SafeTensors.write(file, Map.of("a", TensorData.of(new float[] {2}, 1)), Map.of());
        assertEquals(1f, old.get("a").toFloats()[0]);
        assertEquals(2f, SafeTensors.read(file).get("a").toFloats()[0]);
    }

    @Test
    void theBundledEncoderIsRead() {
        Path model = Path.of(System.getProperty("dsr.root"), "models", "dinov2-small");
        StateDict dict = SafeTensors.readFolder(model);
        assertTrue(dict.size() > 100, "tensors: " + dict.size());
        for (TensorData tensor : dict.toMap().values()) {
            for (float value : tensor.toFloats()) {
                assertTrue(Float.isFinite(value));
            }
        }
    }

    @Test
    void filesBeyondTwoGibibytesAreMapped() throws IOException {
        Path file = folder.resolve("big.safetensors");
        long half = 1_500_000_000L;
        String header = String.format(
                        Locale.ROOT,
                        "{'a':{'dtype':'U8','shape':[%1$d],'data_offsets':[0,%1$d]},"
                                + "'b':{'dtype':'U8','shape':[%1$d],'data_offsets':[%1$d,%2$d]}}",
                        half,
                        2 * half)
                .replace('\'', '"');
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE, StandardOpenOption.SPARSE)) {
            byte[] json = header.getBytes(StandardCharsets.UTF_8);
            ByteBuffer start = ByteBuffer.allocate(8 + json.length).order(ByteOrder.LITTLE_ENDIAN);
            channel.write(start.putLong(json.length).put(json).flip());
            channel.write(ByteBuffer.wrap(new byte[] {9}), start.capacity() + 2 * half - 1); // a hole before it
        }
        TensorData last = SafeTensors.read(file).get("b");
        assertEquals(half, last.size());
        assertEquals(9, last.bytes().get((int) half - 1));
    }

    @Test
    void theReservedNameIsRefused() {
        Map<String, TensorData> tensors = Map.of("__metadata__", TensorData.of(new float[1], 1));
        assertEquals(
                "tensor name: expected anything but __metadata__, got it",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> SafeTensors.write(folder.resolve("x"), tensors, Map.of()))
                        .getMessage());
    }

    @Test
    void aMissingFileIsAnIoFailureWithItsName() {
        Path file = folder.resolve("absent.safetensors");
        String message = assertThrows(UncheckedIOException.class, () -> SafeTensors.read(file))
                .getMessage();
        assertTrue(message.startsWith(file + ": cannot be read (NoSuchFile"), message);
    }
}
