// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.testkit.Pickle;
import ai.dsr.testkit.ZipBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Zip archives and old streams that lie about what they hold. */
class ArchiveFaultTest {
    private static final byte[] NONE = Pickle.start().op('N').stop();

    @TempDir
    Path folder;

    private void assertRefused(String fault, byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("bad.pt"), content);
        String message = assertThrows(IllegalArgumentException.class, () -> TorchCheckpoint.read(file))
                .getMessage();
        assertTrue(message.startsWith(file + ": " + fault), message);
    }

    private static ZipBuilder zip() {
        return new ZipBuilder().add("archive/data.pkl", NONE);
    }

    @Test
    void oneObjectIsNeeded() throws IOException {
        assertRefused(
                "zip: expected one member NAME/data.pkl, got 0",
                new ZipBuilder().add("a/b", NONE).end());
        assertRefused(
                "zip: expected one member NAME/data.pkl, got 0",
                new ZipBuilder().add("data.pkl", NONE).end());
        assertRefused(
                "zip: expected one member NAME/data.pkl, got 2",
                zip().add("b/data.pkl", NONE).end());
        assertRefused(
                "expected a checkpoint, got a TorchScript program",
                zip().add("archive/constants.pkl", NONE).end());
    }

    @Test
    void otherByteOrdersAreRefused() throws IOException {
        assertRefused(
                "byteorder: expected little, got big",
                zip().add("archive/byteorder", "big").end());
        assertRefused(
                "byteorder: expected little, got aaaaaaaaaaaaaaaa",
                zip().add("archive/byteorder", "a".repeat(99)).end());
    }

    @Test
    void namesAreUniqueAndStayInTheArchive() throws IOException {
        assertRefused(
                "zip: expected distinct names, got two members of one name",
                zip().add("archive/data.pkl", NONE).end());
        for (String name :
                new String[] {"/etc/passwd", "../a", "a/../../b", "a/..", "a\\b", "C:a", "a\u0000b", "a\nb", ""}) {
            assertRefused(
                    "zip: expected plain relative names, got one that is not",
                    zip().add(name, NONE).end());
        }
        assertRefused("byte ", zip().add("a\u00ff", NONE).end()); // written as one byte: no UTF-8
    }

    @Test
    void nothingIsInflated() throws IOException {
        byte[] bomb =
                new ZipBuilder().add("archive/data.pkl", NONE, 1L << 31, 8).end();
        assertRefused("zip: archive/data.pkl: expected a member that is stored, got one that is compressed", bomb);
    }

    @Test
    void membersDoNotOverlap() throws IOException {
        byte[] again = zip().entry("archive/data/0".getBytes(StandardCharsets.US_ASCII), 0, 0, 4, 0)
                .end();
        assertRefused("zip: archive/data/0: expected a header between the members before it and the directory", again);
        byte[] other = new ZipBuilder()
                .entry("a".getBytes(StandardCharsets.US_ASCII), 0, 0, 4, 0)
                .add("b", NONE)
                .end();
        assertRefused("zip: ", other);
    }

    @Test
    void claimsBeyondTheFileAreRefused() throws IOException {
        assertRefused(
                "zip: archive/data.pkl: expected at most ",
                new ZipBuilder().add("archive/data.pkl", NONE, 1000, 0).end());
        assertRefused(
                "zip: archive/data.pkl: expected at most ",
                new ZipBuilder().zip64().add("archive/data.pkl", NONE, -1, 0).end());
        assertRefused("zip: expected a directory before byte ", zip().end(1, 1 << 30));
        assertRefused("zip: expected a directory before byte ", zip().zip64().end(1, Long.MAX_VALUE));
        assertRefused("zip: expected a directory before byte ", zip().zip64().end(1, -1));
        assertRefused("zip: expected 9 members, got 1", zip().end(9, 62));
        byte[] noRecord = zip().end();
        Arrays.fill(noRecord, noRecord.length - 22 - 62 + 24, noRecord.length - 22 - 62 + 28, (byte) 0xff);
        assertRefused("zip: archive/data.pkl: expected its zip64 record, got none", noRecord);
    }

    @Test
    void damageIsNoticedByTheChecksum() throws IOException {
        byte[] pickle =
                Pickle.start().tensor("0", 1, 0, new long[] {1}, new long[] {1}).stop();
        byte[] content = ZipBuilder.checkpoint(pickle, new byte[] {0, 0, 0, 0x40});
        int at = new String(content, StandardCharsets.ISO_8859_1).indexOf("\0\0\0@");
        content[at] = 1;
        assertRefused("archive/data/0: expected CRC-32 57989e8c, got ", content);
        Path file = folder.resolve("bad.pt");
        float value =
                TorchCheckpoint.readWithoutChecksums(file).tensors().get("").toFloats()[0];
        assertEquals(Float.intBitsToFloat(0x40000001), value);
    }

    private static byte[] join(byte[]... parts) {
        Pickle all = new Pickle();
        for (byte[] part : parts) {
            all.raw(part);
        }
        return all.bytesSoFar();
    }

    private static byte[] tensor(long count) {
        Pickle pickle = Pickle.start()
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("5", count, 'N');
        return pickle.view(0, new long[] {1}, new long[] {1}).stop();
    }

    @Test
    void oldStreamsMustBeLittleEndianAndOfTheirVersion() throws IOException {
        assertRefused(
                "system info: little_endian: expected true, got a truth value",
                join(
                        TorchCheckpointTest.legacyStart(false),
                        NONE,
                        Pickle.start().op(']').stop()));
        byte[] version = TorchCheckpointTest.legacyStart(true);
        version[18]++;
        assertRefused("protocol version: expected 1001, got 1002", version);
        byte[] magic = TorchCheckpointTest.legacyStart(true);
        magic[5]++;
        assertRefused("magic number: expected 119547037146038801333356, got a large integer", magic);
    }

    @Test
    void oldStreamsHoldExactlyTheStoragesThatTensorsUse() throws IOException {
        byte[] head = TorchCheckpointTest.legacy(tensor(1));
        byte[] count = {1, 0, 0, 0, 0, 0, 0, 0};
        byte[] value = new byte[4];
        assertRefused(
                "expected the end of the file after the last storage, got 1 more bytes",
                join(head, count, value, new byte[1]));
        assertRefused("byte ", join(head, count, new byte[3]));
        assertRefused(
                "storage 5: expected 1 elements, got 2", join(head, new byte[] {2, 0, 0, 0, 0, 0, 0, 0}, value, value));
        byte[] start = join(TorchCheckpointTest.legacyStart(true), tensor(1));
        Pickle[] keys = {
            Pickle.start().op(']'),
            Pickle.start().op(']').text("6").op('a'),
            Pickle.start().op(']', 'N', 'a'),
            Pickle.start().op('N'),
            Pickle.start().op(']', '(').text("5").text("5").op('e'),
            Pickle.start().op(']', 'q', 0, 'h', 0, 'a')
        };
        for (Pickle list : keys) {
            assertRefused(
                    "storage keys: expected each of the 1 that tensors use, got others",
                    join(start, list.stop(), count, value));
        }
        assertRefused(
                "storage keys: expected each of the 0 that tensors use, got others", TorchCheckpointTest.legacy(NONE));
    }

    @Test
    void viewsOfOldStoragesStayInside() throws IOException {
        Pickle pickle = Pickle.start()
                .op('(')
                .text("storage")
                .global("torch", "FloatStorage")
                .text("5")
                .text("cpu");
        pickle.integer(6).text("7").integer(4).integer(3).op(0x87, 't', 'Q');
        assertRefused(
                "storage view: expected a part of 6 elements, got 3 from 4", TorchCheckpointTest.legacy(pickle.stop()));
    }
}
