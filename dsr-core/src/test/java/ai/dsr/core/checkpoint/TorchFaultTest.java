// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.testkit.Pickle;
import ai.dsr.testkit.ZipBuilder;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Malicious, damaged and foreign files: each is refused with the fault's name, and nothing of it is run. */
class TorchFaultTest {
    private static final long[] NONE = {};

    @TempDir
    Path folder;

    private void assertRefused(String fault, byte[] content) throws IOException {
        Path file = Files.write(folder.resolve("bad.pt"), content);
        String message = assertThrows(IllegalArgumentException.class, () -> TorchCheckpoint.read(file))
                .getMessage();
        assertTrue(message.startsWith(file + ": " + fault), message);
    }

    private void assertRefused(String fault, Pickle pickle, byte[]... storages) throws IOException {
        assertRefused(fault, ZipBuilder.checkpoint(pickle.stop(), storages));
    }

    private static long[] sides(long... sides) {
        return sides;
    }

    @Test
    void foreignNamesAreRefusedWhereTheyAreReadCalledOrNot() throws IOException {
        String marker = folder.resolve("marker").toString();
        Pickle called =
                Pickle.start().global("posix", "system").text("touch " + marker).op(0x85, 'R');
        assertRefused("expected only names that tensors need, got posix.system; the file is refused", called);
        assertFalse(Files.exists(Path.of(marker)));
        assertRefused(
                "expected only names that tensors need, got os.path",
                Pickle.start().op(']').global("os", "path").op('a'));
        assertRefused("expected only names", Pickle.start().global("torch.storage", "TypedStorage"));
        assertRefused("expected only names", Pickle.start().global("torch._utils", "_rebuild_tensor"));
        assertRefused("expected only names", Pickle.start().global("torch", "QInt8Storage"));
        assertRefused("expected only names", Pickle.start().global("java.lang", "Runtime"));
        assertRefused("expected only names", Pickle.start().global("torch FloatStorage", ""));
        assertRefused("byte ", Pickle.start().global("a".repeat(200), "b"));
        assertRefused("byte ", Pickle.start().global("os\u001b[2J", "b"));
    }

    @Test
    void opcodesBeyondTheListAreRefused() throws IOException {
        int[] foreign = {
            0x93, 0x81, 0x92, 'i', 'o', 'P', '0', '1', '2', 'I', 'L', 'F', 'S', 'T', 'U', 'V', 'd', 'l', 'g', 'p', 0x82,
            0x83, 0x84, 0x8b, 0x8c, 0x8d, 0x8e, 0x8f, 0x90, 0x91, 0x94, 0x95, 0x96, 0x97, 0x98, 'B', 'C', 0x80, 0, 0xff
        };
        for (int opcode : foreign) {
            Pickle pickle = Pickle.start().op('N', 'N', opcode, 0, 0, 0, 0);
            Path file = Files.write(folder.resolve("bad.pt"), ZipBuilder.checkpoint(pickle.stop()));
            String message = assertThrows(IllegalArgumentException.class, () -> TorchCheckpoint.read(file))
                    .getMessage();
            assertTrue(
                    message.contains(
                            ": expected an opcode that tensors need, got 0x" + Integer.toHexString(opcode) + ";"),
                    message);
        }
    }

    @Test
    void callsOfAnythingButTheThreeBuildersAreRefused() throws IOException {
        assertRefused(
                "call: expected a name with a tuple of arguments, got a text",
                Pickle.start().text("f").op(')', 'R'));
        assertRefused(
                "call: expected a name",
                Pickle.start().global("collections", "OrderedDict").op(']', 'R'));
        assertRefused(
                "call: expected a function that builds, got torch.FloatStorage",
                Pickle.start().global("torch", "FloatStorage").op(')', 'R'));
        assertRefused(
                "OrderedDict: expected no arguments, got 1",
                Pickle.start().global("collections", "OrderedDict").op(']', 0x85, 'R'));
        assertRefused(
                "tensor: expected (storage, offset, shape, stride, flag, no hooks)",
                Pickle.start().global("torch._utils", "_rebuild_tensor_v2").op(')', 'R'));
        assertRefused(
                "parameter: expected (tensor, flag, no hooks)",
                Pickle.start().global("torch._utils", "_rebuild_parameter").op('N', 0x88, 'N', 0x87, 'R'));
        assertRefused(
                "state: expected attributes of an ordered dictionary, got a dictionary for a list",
                Pickle.start().op(']', '}', 'b'));
        assertRefused("state: expected attributes", Pickle.start().op('}', '}', 'b'));
    }

    @Test
    void hooksAreRefused() throws IOException {
        Pickle pickle = Pickle.start()
                .global("torch._utils", "_rebuild_tensor_v2")
                .op('(')
                .storage("0", 1);
        pickle.longInteger(0).tuple(1).tuple(1).op(0x89).ordered().text("hook").op('N', 's', 't', 'R');
        assertRefused("tensor: expected (storage, offset, shape, stride, flag, no hooks)", pickle, new byte[4]);
    }

    @Test
    void storagesAndNamesAreNoContent() throws IOException {
        assertRefused(
                "content: expected tensors, containers and plain values, got collections.OrderedDict",
                Pickle.start().global("collections", "OrderedDict"));
        assertRefused(
                "content: expected tensors, containers and plain values, got a storage",
                Pickle.start().storage("0", 1),
                new byte[4]);
    }

    @Test
    void aStackThatDoesNotAddUpIsRefused() throws IOException {
        assertRefused("byte ", Pickle.start().op('t'));
        assertRefused("byte ", Pickle.start().op('N', '(', 'a'));
        assertRefused("byte ", Pickle.start().op(']', '(', 'N', 'a')); // the mark hides the list
        assertRefused("byte ", Pickle.start().op('q', 0));
        assertRefused("byte ", Pickle.start().op('R'));
        assertRefused(
                "pickle: expected one object at its end, got 2", Pickle.start().op('N', 'N'));
        assertRefused("pickle: expected one object at its end, got 0", Pickle.start());
        assertRefused(
                "pickle: expected one object at its end, got 1", Pickle.start().op('(', 'N'));
        assertRefused(
                "append: expected a list, got a dictionary", Pickle.start().op('}', 'N', 'a'));
        assertRefused(
                "items: expected pairs for a dictionary, got 1", Pickle.start().op('}', '(', 'N', 'u'));
        assertRefused(
                "items: expected pairs for a dictionary, got 2 objects for a list",
                Pickle.start().op(']', 'N', 'N', 's'));
        assertRefused(
                "dictionary: expected a text or an integer as key, got a list",
                Pickle.start().op('}', ']', 'N', 's'));
        assertRefused(
                "dictionary: expected keys that differ as texts, got 1",
                Pickle.start().op('}', '(', 'K', 1, 'N').text("1").op('N', 'u'));
    }

    @Test
    void memoIndicesAreBounded() throws IOException {
        assertRefused("memo: expected an index of at most ", Pickle.start().op('N', 'r', 0xff, 0xff, 0xff, 0x7f));
        assertRefused(
                "memo: expected an index that was set before, got 3",
                Pickle.start().op('h', 3));
        assertRefused(
                "memo: expected an index that was set before, got 4294967295",
                Pickle.start().op('j', 0xff, 0xff, 0xff, 0xff));
        assertRefused(
                "memo: expected an index that was set before, got 0",
                Pickle.start().op('N', 'N', 'q', 1, 'h', 0));
    }

    @Test
    void lengthsBeyondTheFileAreRefusedBeforeMemoryIsTaken() throws IOException {
        assertRefused("byte ", Pickle.start().op('X', 0xff, 0xff, 0xff, 0x01));
        assertRefused(
                "pickle: expected at most 33554432 bytes of text, got more",
                Pickle.start().op('X', 0xff, 0xff, 0xff, 0xff));
        assertRefused("byte ", Pickle.start().op(0x8a, 255, 1));
        assertRefused("byte ", Pickle.start().op('J', 1));
    }

    @Test
    void textThatIsNotUtf8IsRefused() throws IOException {
        Path file = Files.write(
                folder.resolve("bad.pt"),
                ZipBuilder.checkpoint(
                        Pickle.start().op('X', 2, 0, 0, 0, 0xc3, 0x28).stop()));
        String message = assertThrows(IllegalArgumentException.class, () -> TorchCheckpoint.read(file))
                .getMessage();
        assertTrue(message.endsWith("expected a text in UTF-8, got other bytes"), message);
        assertRefused("byte ", Pickle.start().op('X', 3, 0, 0, 0, 0xed, 0xa0, 0x80)); // half of a surrogate pair
    }

    @Test
    void deepNestingEndsInAnErrorNotInAnOverflow() throws IOException {
        Pickle deep = Pickle.start();
        for (int i = 0; i < 200_000; i++) {
            deep.op(']');
        }
        for (int i = 1; i < 200_000; i++) {
            deep.op('a');
        }
        assertRefused("content: expected a depth of at most 100, got more", deep);
        Pickle tuples = Pickle.start().op(')');
        for (int i = 0; i < 200_000; i++) {
            tuples.op(0x85);
        }
        assertRefused("content: expected a depth of at most 100, got more", tuples);
    }

    @Test
    void cyclesAndRepetitionsThatExplodeAreRefused() throws IOException {
        assertRefused(
                "content: expected a tree, got a container that contains itself",
                Pickle.start().op(']', 'q', 0, 'h', 0, 'a'));
        assertRefused(
                "content: expected a tree",
                Pickle.start().op('}', 'q', 0).text("a").op('h', 0, 0x85, 's'));
        Pickle doubling = Pickle.start().op(']', 'q', 0, 'N', 'a'); // 2 to the power of 60 places
        for (int i = 1; i <= 60; i++) {
            doubling.op(']', 'q', i, '(', 'h', i - 1, 'h', i - 1, 'e');
        }
        for (int i = 0; i < 60; i++) {
            doubling.op(0x86);
        }
        assertRefused("content: expected at most 4000000 values, got more", doubling);
    }

    @Test
    void tensorsStayInsideTheirStorage() throws IOException {
        Object[][] views = {
            {1L, sides(6), sides(1)},
            {0L, sides(7), sides(1)},
            {0L, sides(2, 2), sides(5, 1)},
            {6L, NONE, NONE},
            {0L, sides(2), sides(Long.MAX_VALUE)},
            {Long.MAX_VALUE, sides(2), sides(1)},
            {0L, sides(3, 3), sides(Long.MAX_VALUE / 2, Long.MAX_VALUE / 2)},
        };
        for (Object[] view : views) {
            Pickle pickle = Pickle.start().tensor("0", 6, (long) view[0], (long[]) view[1], (long[]) view[2]);
            assertRefused(
                    "tensor: expected a view inside its storage of 6 elements, got offset " + view[0],
                    pickle,
                    new byte[24]);
        }
        assertRefused(
                "tensor: shape: expected integers of 0 or more, got -1",
                Pickle.start().tensor("0", 6, 0, sides(-1), sides(1)),
                new byte[24]);
        assertRefused(
                "tensor: stride: expected integers of 0 or more, got -1",
                Pickle.start().tensor("0", 6, 5, sides(2), sides(-1)),
                new byte[24]);
        assertRefused(
                "tensor: expected at most 64 sides with as many strides, got 1 and 2",
                Pickle.start().tensor("0", 6, 0, sides(1), sides(1, 1)),
                new byte[24]);
        assertRefused(
                "shape: expected a product below 2^63",
                Pickle.start().tensor("0", 6, 0, sides(1L << 62, 1L << 62), sides(0, 0)),
                new byte[24]);
        assertRefused(
                "tensor: expected a view inside its storage of 6 elements, got offset -1",
                Pickle.start().tensor("0", 6, -1, sides(1), sides(1)),
                new byte[24]);
    }

    @Test
    void expandedViewsCannotAskForMuchMoreMemoryThanTheFileTakes() throws IOException {
        assertRefused(
                "tensors: expected transposed and expanded views of at most ",
                Pickle.start().tensor("0", 1, 0, sides(1 << 28), sides(0)),
                new byte[4]);
        assertRefused(
                "tensor: expected less than 2 GiB",
                Pickle.start().tensor("0", 1, 0, sides(1L << 40), sides(0)),
                new byte[4]);
    }

    @Test
    void storagesMustBeThereInTheirSize() throws IOException {
        long[] one = sides(1);
        assertRefused(
                "zip: expected a member archive/data/0, got none",
                Pickle.start().tensor("0", 1, 0, one, one));
        assertRefused(
                "archive/data/0: expected 8 bytes for 2 elements of float32, got 4",
                Pickle.start().tensor("0", 2, 0, one, one),
                new byte[4]);
        assertRefused(
                "archive/data/0: expected 4 bytes for 1 elements of float32, got 5",
                Pickle.start().tensor("0", 1, 0, one, one),
                new byte[5]);
        assertRefused(
                "storage: expected a key of digits and a count of 0 or more, got ../0 and 1",
                Pickle.start().tensor("../0", 1, 0, one, one),
                new byte[4]);
        assertRefused(
                "storage: expected a key of digits and a count of 0 or more, got 0 and -1",
                Pickle.start().tensor("0", -1, 0, one, one),
                new byte[4]);
        assertRefused(
                "storage: expected a reference with 5 elements", Pickle.start().storage("0", 1, 'N'), new byte[4]);
        assertRefused(
                "storage: expected a reference with 5 elements",
                Pickle.start().text("0").op('Q'),
                new byte[4]);
        assertRefused(
                "storage 0: expected 1 elements of float32 as before, got 2 of torch.FloatStorage",
                Pickle.start().storage("0", 1).storage("0", 2),
                new byte[4]);
        Pickle builder = Pickle.start()
                .op('(')
                .text("storage")
                .global("collections", "OrderedDict")
                .text("0")
                .text("cpu");
        assertRefused(
                "storage: expected a storage class, got collections.OrderedDict",
                builder.integer(1).op('t', 'Q'),
                new byte[4]);
    }

    @Test
    void bytesAfterThePickleAreRefused() throws IOException {
        byte[] pickle = Pickle.start().op('N', '.', 0).stop();
        assertRefused("data.pkl: expected its end after the object, got 2 more bytes", ZipBuilder.checkpoint(pickle));
    }

    @Test
    void filesOfAnotherKindAreRefused() throws IOException {
        assertRefused("expected a checkpoint of torch.save, got an empty file", new byte[0]);
        assertRefused("expected a checkpoint of torch.save, got another kind of file", new byte[] {1, 2, 3});
        assertRefused(
                "expected a checkpoint of torch.save, got a text, perhaps a pointer of Git LFS; fetch the file",
                "version https://git-lfs.github.com/spec/v1\n".getBytes(StandardCharsets.US_ASCII));
        assertRefused(
                "expected a checkpoint of torch.save, got another kind of file",
                Pickle.start().op('N').stop());
    }
}
