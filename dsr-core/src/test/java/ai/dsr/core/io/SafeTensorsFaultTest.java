// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that lie about their content must be refused with the fault's name, whatever they claim. */
class SafeTensorsFaultTest {
    @TempDir
    Path folder;

    private Path file;

    @BeforeEach
    void nameTheFile() {
        file = folder.resolve("bad.safetensors");
    }

    private byte[] content(long headerLength, String header, int dataLength) {
        byte[] json = header.getBytes(StandardCharsets.UTF_8);
        ByteBuffer bytes = ByteBuffer.allocate(8 + json.length + dataLength).order(ByteOrder.LITTLE_ENDIAN);
        return bytes.putLong(headerLength).put(json).array();
    }

    private void assertRefused(String fault, byte[] content) throws IOException {
        Files.write(file, content);
        String message = assertThrows(IllegalArgumentException.class, () -> SafeTensors.read(file))
                .getMessage();
        assertTrue(message.startsWith(file + ": " + fault), message);
        assertThrows(IllegalArgumentException.class, () -> SafeTensors.metadata(file));
    }

    private void assertRefused(String fault, String header, int dataLength) throws IOException {
        assertRefused(fault, content(header.length(), header, dataLength));
    }

    private static String tensor(String name, String type, String shape, String offsets) {
        return "\"" + name + "\":{\"dtype\":\"" + type + "\",\"shape\":" + shape + ",\"data_offsets\":" + offsets + "}";
    }

    @Test
    void aFileWithoutAWholeHeaderIsRefused() throws IOException {
        assertRefused("expected 8 bytes of header length, got a file of 0 bytes", new byte[0]);
        assertRefused("expected 8 bytes of header length, got a file of 5 bytes", new byte[5]);
        assertRefused("expected a header of at most 2 bytes, got 3", content(3, "{}", 0));
        assertRefused(
                "expected a header of at most 2 bytes, got 9223372036854775807", content(Long.MAX_VALUE, "{}", 0));
        assertRefused("expected a header of at most 2 bytes, got 18446744073709551615", content(-1, "{}", 0));
    }

    @Test
    void aHeaderThatIsNoJsonObjectIsRefused() throws IOException {
        assertRefused("header", "", 0);
        assertRefused("header:1: expected JSON: ", "{\"a\"", 0);
        assertRefused("header:1: expected JSON: ", "{}}", 0);
        assertRefused("header: expected a JSON object, got array", "[]", 0);
        assertRefused("header", "\u0000\u0000", 0);
        assertRefused("__metadata__: expected an object, got number", "{\"__metadata__\":3}", 0);
        assertRefused("__metadata__.a: expected text, got number", "{\"__metadata__\":{\"a\":3}}", 0);
        assertRefused("header: expected JSON: Document nesting depth", "{\"a\":" + "[".repeat(5000), 0);
    }

    @Test
    void aDuplicateNameIsRefused() throws IOException {
        String one = tensor("a", "F32", "[1]", "[0,4]");
        assertRefused("header:1: expected JSON: Duplicate field 'a'", "{" + one + "," + one + "}", 4);
    }

    @Test
    void aWrongEntryIsRefused() throws IOException {
        assertRefused("a: expected dtype one of F64 ", "{" + tensor("a", "F8", "[1]", "[0,1]") + "}", 1);
        assertRefused("a: expected dtype one of F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL, got none", "{\"a\":3}", 0);
        assertRefused(
                "a: shape: expected a list of integers, got string",
                "{" + tensor("a", "F32", "\"1\"", "[0,4]") + "}",
                4);
        assertRefused(
                "a: shape: expected integers of 0 or more, got -1", "{" + tensor("a", "F32", "[-1]", "[0,4]") + "}", 4);
        assertRefused(
                "a: shape: expected integers of 0 or more, got 1.5",
                "{" + tensor("a", "F32", "[1.5]", "[0,4]") + "}",
                4);
        assertRefused(
                "a: shape: expected a product below 2^63",
                "{" + tensor("a", "F32", "[4294967296,4294967296]", "[0,4]") + "}",
                4);
        assertRefused(
                "a: shape: expected integers of 0 or more, got 99999999999999999999",
                "{" + tensor("a", "F32", "[99999999999999999999]", "[0,4]") + "}",
                4);
        assertRefused("a: expected 8 bytes for F32 (2), got 4", "{" + tensor("a", "F32", "[2]", "[0,4]") + "}", 4);
        assertRefused(
                "a: expected a tensor below 2 GiB, got 4294967296 bytes",
                "{" + tensor("a", "U8", "[4294967296]", "[0,4294967296]") + "}",
                4);
    }

    @Test
    void wrongOffsetsAreRefused() throws IOException {
        assertRefused(
                "a: data_offsets: expected integers of 0 or more, got -4",
                "{" + tensor("a", "F32", "[1]", "[-4,0]") + "}",
                4);
        assertRefused(
                "a: data_offsets: expected [begin, end], got [4,0]", "{" + tensor("a", "F32", "[1]", "[4,0]") + "}", 4);
        assertRefused(
                "a: data_offsets: expected [begin, end], got [0]", "{" + tensor("a", "F32", "[1]", "[0]") + "}", 4);
        assertRefused(
                "a: data_offsets: expected an end of at most 4, the bytes in the file, got 8; is the file complete?",
                "{" + tensor("a", "F32", "[2]", "[0,8]") + "}",
                4);
        String first = "{" + tensor("a", "F32", "[2]", "[0,8]") + ",";
        assertRefused(
                "b: data_offsets: expected begin 8, where the data before it ends, got 4",
                first + tensor("b", "F32", "[1]", "[4,8]") + "}",
                8);
        assertRefused(
                "b: data_offsets: expected begin 8, where the data before it ends, got 12",
                first + tensor("b", "F32", "[1]", "[12,16]") + "}",
                16);
    }

    @Test
    void trailingBytesAreRefused() throws IOException {
        assertRefused("expected 4 bytes of data, got 5", "{" + tensor("a", "F32", "[1]", "[0,4]") + "}", 5);
    }

    @Test
    void damagedFilesNeverFailInAnotherWay() throws IOException {
        String header = "{" + tensor("a", "F32", "[2,1]", "[0,8]") + "," + tensor("b", "U8", "[3]", "[8,11]") + "}";
        byte[] sound = content(header.length(), header, 11);
        Random random = new Random(7);
        for (int round = 0; round < 300; round++) {
            byte[] damaged = Arrays.copyOf(sound, round % 3 == 0 ? random.nextInt(sound.length) : sound.length);
            for (int i = 0; i < round % 4 && damaged.length > 0; i++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            }
            Files.write(file, damaged);
            try {
                SafeTensors.read(file).toMap().values().forEach(TensorData::toFloats);
            } catch (IllegalArgumentException refusal) {
                assertTrue(refusal.getMessage().startsWith(file.toString()), refusal.getMessage());
            }
        }
        assertEquals(
                0,
                SafeTensorsHeader.parse("{}".getBytes(StandardCharsets.UTF_8), 0, "x")
                        .entries()
                        .size());
    }
}
