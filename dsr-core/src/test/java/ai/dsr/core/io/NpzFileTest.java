// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.DataType;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Set;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NpzFileTest {
    @TempDir
    private Path root;

    /** An array file with any header text and version. */
    private static byte[] npy(int version, String header, byte[] data) {
        byte[] text = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(12 + text.length + data.length).order(ByteOrder.LITTLE_ENDIAN);
        bytes.put(new byte[] {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', (byte) version, 0});
        if (version == 1) {
            bytes.putShort((short) text.length);
        } else {
            bytes.putInt(text.length);
        }
        bytes.put(text).put(data);
        return Arrays.copyOf(bytes.array(), bytes.position());
    }

    private static String header(String descr, boolean fortran, String shape) {
        return "{'descr': '" + descr + "', 'fortran_order': " + (fortran ? "True" : "False") + ", 'shape': " + shape
                + ", }      \n";
    }

    private Path zip(String entryName, byte[] content, int method) throws IOException {
        Path file = root.resolve("file.npz");
        try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file))) {
            ZipEntry entry = new ZipEntry(entryName);
            entry.setMethod(method);
            if (method == ZipEntry.STORED) {
                CRC32 crc = new CRC32();
                crc.update(content);
                entry.setSize(content.length);
                entry.setCrc(crc.getValue());
            }
            zip.putNextEntry(entry);
            zip.write(content);
        }
        return file;
    }

    private TensorData read(byte[] array) throws IOException {
        try (NpzFile npz = NpzFile.open(zip("a.npy", array, ZipEntry.DEFLATED))) {
            return npz.read("a");
        }
    }

    private String refused(byte[] array) throws IOException {
        Path file = zip("a.npy", array, ZipEntry.STORED);
        try (NpzFile npz = NpzFile.open(file)) {
            String message = assertThrows(IllegalArgumentException.class, () -> npz.read("a"))
                    .getMessage();
            assertEquals(
                    message,
                    assertThrows(IllegalArgumentException.class, () -> npz.header("a"))
                            .getMessage());
            assertTrue(message.startsWith(file + ": a: "), message);
            return message.substring((file + ": a: ").length());
        }
    }

    private static byte[] doubles(ByteOrder order, double... values) {
        ByteBuffer bytes = ByteBuffer.allocate(8 * values.length).order(order);
        bytes.asDoubleBuffer().put(values);
        return bytes.array();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3})
    void allThreeVersionsAndBothByteOrdersAreRead(int version) throws IOException {
        float[] values = {1.5f, -2, 1e10f};
        double[] same = {1.5, -2, 1e10f};
        for (ByteOrder order : new ByteOrder[] {ByteOrder.LITTLE_ENDIAN, ByteOrder.BIG_ENDIAN}) {
            String descr = order == ByteOrder.BIG_ENDIAN ? ">f8" : "<f8";
            TensorData data = read(npy(version, header(descr, false, "(3,)"), doubles(order, same)));
            assertEquals(DataType.FLOAT64, data.type());
            assertArrayEquals(new long[] {3}, data.shape());
            assertArrayEquals(values, data.toFloats());
        }
    }

    @Test
    void aColumnMajorArrayIsTurned() throws IOException {
        byte[] columnMajor = {0, 12, 4, 16, 8, 20, 1, 13, 5, 17, 9, 21, 2, 14, 6, 18, 10, 22, 3, 15, 7, 19, 11, 23};
        byte[] file = npy(1, header("|u1", true, "(2, 3, 4)"), columnMajor);
        TensorData data = read(file);
        float[] counted = new float[24];
        for (int i = 0; i < counted.length; i++) {
            counted[i] = i;
        }
        assertArrayEquals(counted, data.toFloats());
        try (NpzFile npz = NpzFile.open(zip("a.npy", file, ZipEntry.STORED));
                NpyRows rows = npz.rows("a")) {
            byte[] row = new byte[rows.rowBytes()];
            rows.next(row);
            rows.next(row);
            assertEquals(12, row[0]);
            assertEquals(23, row[11]);
            assertThrows(IllegalStateException.class, () -> rows.next(row));
        }
    }

    @Test
    void rowsComeOneByOneInLittleEndianOrder() throws IOException {
        byte[] file = npy(1, header(">i2", false, "(2, 2)"), new byte[] {0, 1, 0, 2, 1, 0, -1, -1});
        try (NpzFile npz = NpzFile.open(zip("a.npy", file, ZipEntry.DEFLATED));
                NpyRows rows = npz.rows("a")) {
            assertEquals(2, rows.rows());
            byte[] row = new byte[4];
            rows.next(row);
            assertArrayEquals(new byte[] {1, 0, 2, 0}, row);
            rows.next(row);
            assertArrayEquals(new byte[] {0, 1, -1, -1}, row);
        }
    }

    @Test
    void scalarsAndEmptyArraysAndBytesAfterTheDataAreFine() throws IOException {
        TensorData scalar = read(npy(1, header("<i4", false, "()"), new byte[] {7, 0, 0, 0}));
        assertEquals(0, scalar.shape().length);
        assertArrayEquals(new long[] {7}, scalar.toLongs());
        assertEquals(
                0, read(npy(1, header("<f4", false, "(0, 5)"), new byte[0])).size());
        assertArrayEquals(
                new long[] {1, 2},
                read(npy(1, header("|i1", false, "(2,)"), new byte[] {1, 2, 9, 9}))
                        .toLongs());
        String otherOrder = "{\"shape\": (2L,), \"descr\": \"|b1\", \"fortran_order\": False}";
        assertArrayEquals(
                new long[] {1, 0}, read(npy(1, otherOrder, new byte[] {1, 0})).toLongs());
    }

    @Test
    void picklesAreRefusedUnread() throws IOException {
        String message = refused(npy(1, header("|O", false, "(1,)"), new byte[] {(byte) 0x80, 4}));
        assertEquals(
                "descr: expected numbers, got Python objects (|O); pickles are never read,"
                        + " save the array with a numeric dtype",
                message);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{'descr': '<f4', 'shape': (1,)} | header: expected the keys descr, fortran_order and shape",
                "[1, 2] | header: expected a dictionary",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (1,)} x | header: expected a dictionary",
                "{'descr': '<f4', 'fortran_order': 1, 'shape': (1,)} | fortran_order: expected True or False, got 1",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (-1,)} | shape: expected a tuple",
                "{'descr': '<f4', 'fortran_order': False, 'shape': 4} | shape: expected a tuple",
                "{'descr': '<c8', 'fortran_order': False, 'shape': (1,)} | descr: expected <, > or | and one of",
                "{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (1,)} | descr: expected",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999, 99999999999)} | shape: expected a product",
                "{'descr': '<f4', 'fortran_order': False, 'shape': (2,)} | data: expected 8 bytes for float32 (2), got 4",
                "__import__('os') | header: expected a value",
                "{'descr': '<f4 | header: expected a closing quote",
            })
    void wrongHeadersAreNamed(String header, String expected) throws IOException {
        String message = refused(npy(1, header, new byte[4]));
        String start = expected.equals("descr: expected <, > or") ? expected : expected.strip();
        assertTrue(message.startsWith(start), message);
    }

    @Test
    void otherBytesAndVersionsAreRefused() throws IOException {
        assertTrue(
                refused("hello, world".getBytes(StandardCharsets.UTF_8)).startsWith("expected an array that begins"));
        assertTrue(refused(npy(4, "{}", new byte[0])).startsWith("version: expected 1 to 3, got 4"));
        byte[] cut = Arrays.copyOf(npy(1, header("|u1", false, "(1,)"), new byte[1]), 40);
        assertTrue(refused(cut).startsWith("header: expected at most"));
    }

    @Test
    void aFlippedBitInAStoredOrDeflatedEntryIsFound() throws IOException {
        for (int method : new int[] {ZipEntry.STORED, ZipEntry.DEFLATED}) {
            Path file = zip("a.npy", npy(1, header("|u1", false, "(64,)"), new byte[64]), method);
            byte[] bytes = Files.readAllBytes(file);
            int at = method == ZipEntry.STORED
                    ? 35 + 12 + header("|u1", false, "(64,)").length()
                    : 60;
            bytes[at] ^= 1;
            Files.write(file, bytes);
            try (NpzFile npz = NpzFile.open(file)) {
                String message = assertThrows(IllegalArgumentException.class, () -> npz.read("a"))
                        .getMessage();
                assertTrue(message.startsWith(file + ": a: "), message);
            }
        }
    }

    @Test
    void filesThatAreNoArchivesAreNamed() throws IOException {
        Path file = root.resolve("x.npz");
        assertEquals(file + ": expected an .npz file, got no such file", fault(file));
        Files.write(file, new byte[0]);
        assertEquals(file + ": expected a whole .npz archive, got 0 bytes", fault(file));
        Files.write(file, npy(1, header("|u1", false, "(1,)"), new byte[1]));
        assertTrue(fault(file).endsWith("got a single array (.npy); write it with numpy.savez"));
        byte[] whole = Files.readAllBytes(zip("a.npy", new byte[500], ZipEntry.STORED));
        Files.write(file, Arrays.copyOf(whole, 300));
        assertTrue(fault(file).contains("got another or a truncated file"));
        assertTrue(fault(root).endsWith("got a folder"));
    }

    private static String fault(Path file) {
        return assertThrows(IllegalArgumentException.class, () -> NpzFile.open(file))
                .getMessage();
    }

    @Test
    void aMissingArrayIsNamedBesideThoseThereAre() throws IOException {
        Path file = zip("images.npy", npy(1, header("|u1", false, "(1,)"), new byte[1]), ZipEntry.STORED);
        try (NpzFile npz = NpzFile.open(file)) {
            assertEquals(Set.of("images"), npz.names());
            String message = assertThrows(IllegalArgumentException.class, () -> npz.read("arr_0"))
                    .getMessage();
            assertEquals(file + ": expected an array arr_0, got images", message);
            assertNull(npz.readBytes("spec"));
            try (NpyRows rows = npz.rows("images")) {
                assertEquals(
                        file + ": images: expected images (N, H, W, 3) uint8, got uint8 (1)",
                        assertThrows(IllegalArgumentException.class, rows::requireImages)
                                .getMessage());
            }
        }
    }

    @Test
    void whatIsWrittenIsReadAndEqualContentGivesEqualFiles() throws IOException {
        Path first = root.resolve("first.npz");
        Path second = root.resolve("second.npz");
        for (Path file : new Path[] {first, second}) {
            new NpzWriter()
                    .add("mu", new double[] {1, 2, 3, 4, 5, 6}, 2, 3)
                    .add(
                            "arr_0",
                            DataType.UINT8,
                            new long[] {2, 1, 1, 3},
                            out -> out.write(new byte[] {1, 2, 3, 4, 5, 6}))
                    .add("scalar", TensorData.of(new float[] {7}))
                    .add("spec", "größer")
                    .write(file);
        }
        assertArrayEquals(Files.readAllBytes(first), Files.readAllBytes(second));
        try (NpzFile npz = NpzFile.open(first)) {
            assertEquals(Set.of("mu", "arr_0", "scalar", "spec"), npz.names());
            assertArrayEquals(new long[] {2, 3}, npz.header("mu").shape().getShape());
            assertArrayEquals(new float[] {1, 2, 3, 4, 5, 6}, npz.read("mu").toFloats());
            assertArrayEquals(new long[] {1, 2, 3, 4, 5, 6}, npz.read("arr_0").toLongs());
            assertArrayEquals(new long[0], npz.read("scalar").shape());
            assertEquals("größer", new String(npz.readBytes("spec"), StandardCharsets.UTF_8));
            assertEquals(0, npz.header("mu").headerBytes() % 64);
        }
    }

    @Test
    void aBodyOfTheWrongLengthWritesNothing() {
        Path file = root.resolve("x.npz");
        NpzWriter writer = new NpzWriter().add("a", DataType.UINT8, new long[] {3}, out -> out.write(1));
        assertThrows(java.io.UncheckedIOException.class, () -> writer.write(file));
        assertTrue(Files.notExists(file));
        assertThrows(IllegalArgumentException.class, () -> writer.add("a", "twice"));
    }

    @Test
    void anEntryLargerThanDeflateCanMakeItIsRefused() throws IOException {
        ByteArrayOutputStream zeros = new ByteArrayOutputStream();
        zeros.writeBytes(npy(1, header("|u1", false, "(64,)"), new byte[64]));
        Path file = zip("a.npy", zeros.toByteArray(), ZipEntry.DEFLATED);
        byte[] bytes = Files.readAllBytes(file);
        int central = indexOf(bytes, new byte[] {'P', 'K', 1, 2});
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putInt(central + 24, 0x7fffffff);
        Files.write(file, bytes);
        try (NpzFile npz = NpzFile.open(file)) {
            assertTrue(assertThrows(IllegalArgumentException.class, () -> npz.read("a"))
                    .getMessage()
                    .contains("expected at most 1032 bytes for one in the archive"));
        }
    }

    private static int indexOf(byte[] bytes, byte[] wanted) {
        for (int i = 0; ; i++) {
            if (Arrays.equals(bytes, i, i + wanted.length, wanted, 0, wanted.length)) {
                return i;
            }
        }
    }
}
