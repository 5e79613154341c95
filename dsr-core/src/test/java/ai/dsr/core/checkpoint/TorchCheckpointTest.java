// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.TensorData;
import ai.dsr.testkit.Pickle;
import ai.dsr.testkit.ZipBuilder;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a good file may hold. The golden cases of {@code checkpoint.pt} are files of PyTorch itself. */
class TorchCheckpointTest {
    @TempDir
    Path folder;

    private Path file(byte[] content) throws IOException {
        return Files.write(folder.resolve("a.pt"), content);
    }

    private TorchCheckpoint read(Pickle pickle, byte[]... storages) throws IOException {
        return TorchCheckpoint.read(file(ZipBuilder.checkpoint(pickle.stop(), storages)));
    }

    static byte[] floats(int count) {
        ByteBuffer bytes = ByteBuffer.allocate(4 * count).order(ByteOrder.LITTLE_ENDIAN);
        for (int i = 0; i < count; i++) {
            bytes.putFloat(i);
        }
        return bytes.array();
    }

    private static long[] sides(long... sides) {
        return sides;
    }

    @Test
    void plainValuesComeAsTheyAre() throws IOException {
        Pickle pickle = Pickle.start()
                .op(']', '(', 'N', 0x88, 0x89, 'K', 200, 'M', 0x39, 0x30)
                .integer(-5);
        pickle.longInteger(1L << 40).real(1e-6).text("Zürich").op(0x8a, 0).op(0x8a, 1, 0xff);
        pickle.op(0x8a, 9, 0, 0, 0, 0, 0, 0, 0, 0, 1).op('e');
        assertEquals(
                Arrays.asList(
                        null,
                        true,
                        false,
                        200L,
                        12345L,
                        -5L,
                        1L << 40,
                        1e-6,
                        "Zürich",
                        0L,
                        -1L,
                        BigInteger.ONE.shiftLeft(64)),
                read(pickle).root());
    }

    @Test
    void integersAsKeysBecomeTextAndTuplesLists() throws IOException {
        Pickle pickle = Pickle.start().op('}').integer(7).integer(1).integer(2).op(0x86, 's');
        TorchCheckpoint checkpoint = read(pickle);
        assertEquals(Map.of("7", List.of(1L, 2L)), checkpoint.root());
        assertEquals(List.of(1L, 2L), checkpoint.get("7"));
        assertNull(checkpoint.get("8"));
    }

    @Test
    void tensorsAreFoundByTheirPath() throws IOException {
        Pickle pickle = Pickle.start().op('}', '(').text("model").op('}').text("a.weight");
        pickle.tensor("0", 6, 0, sides(2, 3), sides(3, 1)).op('s').text("list").op(']');
        pickle.tensor("0", 6, 2, sides(2), sides(2)).op('a', 'u');
        TorchCheckpoint checkpoint = read(pickle, floats(6));
        assertEquals(
                List.of("model/a.weight", "list/0"),
                List.copyOf(checkpoint.tensors().names()));
        assertArrayEquals(
                new float[] {0, 1, 2, 3, 4, 5},
                checkpoint.tensors("model").get("a.weight").toFloats());
        assertArrayEquals(new float[] {2, 4}, checkpoint.tensors().get("list/0").toFloats());
        String message = assertThrows(IllegalArgumentException.class, () -> checkpoint.tensors("ema"))
                .getMessage();
        assertEquals("a.pt: expected a dictionary with the key ema, got another", message);
    }

    @Test
    void viewsOfEveryLayoutAreGathered() throws IOException {
        Pickle pickle = Pickle.start().op(']', '(');
        pickle.tensor("0", 24, 0, sides(4, 3, 2), sides(1, 4, 12)); // transposed
        pickle.tensor("0", 24, 1, sides(2, 3), sides(12, 2)); // strided
        pickle.tensor("0", 24, 5, sides(3, 2), sides(0, 1)); // expanded, rows of two
        pickle.tensor("0", 24, 23, sides(1, 1), sides(99, 99)); // strides of sides of 1 never matter
        pickle.tensor("0", 24, 3, sides(), sides()).op('e');
        List<?> views = (List<?>) read(pickle, floats(24)).root();
        float[] transposed = new float[24];
        for (int i = 0; i < 24; i++) {
            transposed[i] = i / 6 + 4 * (i / 2 % 3) + 12 * (i % 2);
        }
        assertArrayEquals(transposed, ((TensorData) views.get(0)).toFloats());
        assertArrayEquals(new float[] {1, 3, 5, 13, 15, 17}, ((TensorData) views.get(1)).toFloats());
        assertArrayEquals(new float[] {5, 6, 5, 6, 5, 6}, ((TensorData) views.get(2)).toFloats());
        assertArrayEquals(new float[] {23}, ((TensorData) views.get(3)).toFloats());
        assertArrayEquals(new float[] {3}, ((TensorData) views.get(4)).toFloats());
    }

    @Test
    void oneObjectInSeveralPlacesStaysOne() throws IOException {
        Pickle pickle = Pickle.start()
                .op(']', '(')
                .tensor("0", 1, 0, sides(1), sides(1))
                .op('q', 1);
        pickle.op('h', 1, '}', 'q', 2, 'h', 2, 'e');
        List<?> items = (List<?>) read(pickle, floats(1)).root();
        assertSame(items.get(0), items.get(1));
        assertSame(items.get(2), items.get(3));
    }

    @Test
    void attributesOfAnOrderedDictionaryAreLeftOut() throws IOException {
        Pickle pickle = Pickle.start().ordered().text("a").integer(1).op('s');
        pickle.op('}').text("_metadata").ordered().op('s', 'b');
        assertEquals(Map.of("a", 1L), read(pickle).root());
    }

    @Test
    void aLaterValueOfAKeyReplacesTheEarlier() throws IOException {
        Pickle pickle = Pickle.start()
                .op('}')
                .text("a")
                .integer(1)
                .op('s')
                .text("a")
                .integer(2)
                .op('s');
        assertEquals(Map.of("a", 2L), read(pickle).root());
    }

    @Test
    void archivesBeyond4GibArePlacedByTheirZip64Records() throws IOException {
        byte[] pickle = Pickle.start().tensor("0", 3, 0, sides(3), sides(1)).stop();
        ZipBuilder zip = new ZipBuilder().zip64().add("m/data.pkl", pickle).add("m/data/0", floats(3));
        TorchCheckpoint checkpoint = TorchCheckpoint.read(file(zip.end()));
        assertArrayEquals(new float[] {0, 1, 2}, ((TensorData) checkpoint.root()).toFloats());
    }

    @Test
    void tensorsFarIntoALargeFileAreMappedWhereTheyLie() throws IOException {
        long count = (9L << 30) / 4; // a sparse file: 9 GiB long, some kilobytes on the disk
        byte[] head = legacy(Pickle.start()
                .op('}')
                .text("w")
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("5", count, 'N')
                .view(count - 4, sides(2, 2), sides(2, 1))
                .op('s')
                .stop());
        Path file = folder.resolve("large.pt");
        try (FileChannel channel = FileChannel.open(
                file, StandardOpenOption.CREATE_NEW, StandardOpenOption.SPARSE, StandardOpenOption.WRITE)) {
            channel.write(ByteBuffer.wrap(head));
            channel.write(ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(0, count));
            channel.write(ByteBuffer.wrap(floats(4)), head.length + 8 + 4 * (count - 4));
        }
        assertArrayEquals(
                new float[] {0, 1, 2, 3},
                TorchCheckpoint.read(file).tensors().get("w").toFloats());
    }

    /** A legacy file up to its storages: the one with the key 5 comes next. */
    static byte[] legacy(byte[] object) {
        return new Pickle()
                .raw(legacyStart(true))
                .raw(object)
                .raw(Pickle.start().op(']').text("5").op('a').stop())
                .bytesSoFar();
    }

    /** Magic number, version and system of a legacy file. */
    static byte[] legacyStart(boolean littleEndian) {
        return new Pickle()
                .raw(Pickle.start()
                        .op(0x8a, 10, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19)
                        .stop())
                .raw(Pickle.start().op('M', 0xe9, 3).stop())
                .raw(Pickle.start()
                        .op('}')
                        .text("little_endian")
                        .op(littleEndian ? 0x88 : 0x89, 's')
                        .stop())
                .bytesSoFar();
    }

    @Test
    void legacyViewsOfStoragesAreParts() throws IOException {
        Pickle pickle = Pickle.start()
                .op('}')
                .text("w")
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(', '(');
        pickle.text("storage")
                .global("torch", "FloatStorage")
                .text("5")
                .text("cuda:0")
                .longInteger(6);
        pickle.text("77")
                .integer(2)
                .integer(3)
                .op(0x87, 't', 'Q')
                .view(1, sides(2), sides(1))
                .op('s');
        byte[] file = new Pickle()
                .raw(legacy(pickle.stop()))
                .raw(new byte[] {6, 0, 0, 0, 0, 0, 0, 0})
                .raw(floats(6))
                .bytesSoFar();
        assertArrayEquals(
                new float[] {3, 4},
                TorchCheckpoint.read(file(file)).tensors().get("w").toFloats());
    }

    @Test
    void filesAreRecognisedByTheirStart() throws IOException {
        assertTrue(TorchCheckpoint.isTorch(
                file(ZipBuilder.checkpoint(Pickle.start().op('N').stop()))));
        assertTrue(TorchCheckpoint.isTorch(file(legacyStart(true))));
        assertFalse(TorchCheckpoint.isTorch(file(new byte[] {1})));
        assertFalse(TorchCheckpoint.isTorch(file(new byte[] {8, 0, 0, 0, 0, 0, 0, 0, '{'})));
    }
}
