// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/**
 * Writes a TorchScript archive from source text: a zip of stored entries that holds one module class without state.
 *
 * <p>The layout is that of {@code torch.jit.save}: {@code data.pkl} builds the module object, {@code code/} has its
 * methods, {@code constants.pkl} is an empty tuple, {@code version} the format number.
 */
final class ScriptArchive {
    /** Older archives get the operators of their time: before 10, {@code gelu} had no argument {@code approximate}. */
    private static final String FORMAT_VERSION = "10\n";

    private ScriptArchive() {}

    /** Returns the archive of a class {@code name} with the methods of {@code body}, which is indented by two. */
    static byte[] of(String name, String body) {
        String code = "class " + name + "(Module):\n  __parameters__ = []\n  __buffers__ = []\n  training : bool\n"
                + withoutComments(body);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            store(zip, "data.pkl", modulePickle(name));
            store(zip, "code/__torch__.py", code.getBytes(StandardCharsets.UTF_8));
            store(zip, "constants.pkl", new byte[] {(byte) 0x80, 2, ')', '.'}); // protocol 2, empty tuple, stop
            store(zip, "version", FORMAT_VERSION.getBytes(StandardCharsets.US_ASCII));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** The dialect has no comments: lines that begin with # are for the reader. */
    private static String withoutComments(String body) {
        return body.lines()
                .filter(line -> !line.isBlank() && !line.strip().startsWith("#"))
                .collect(Collectors.joining("\n", "", "\n"));
    }

    /** Pickle of an instance of {@code __torch__.NAME} with the state {@code {"training": False}}. */
    private static byte[] modulePickle(String name) {
        ByteArrayOutputStream p = new ByteArrayOutputStream();
        p.writeBytes(new byte[] {(byte) 0x80, 2});
        p.writeBytes(("c__torch__\n" + name + "\n").getBytes(StandardCharsets.US_ASCII));
        p.writeBytes(new byte[] {')', (byte) 0x81, '}', '(', 'X', 8, 0, 0, 0});
        p.writeBytes("training".getBytes(StandardCharsets.US_ASCII));
        p.writeBytes(new byte[] {(byte) 0x89, 'u', 'b', '.'});
        return p.toByteArray();
    }

    private static void store(ZipOutputStream zip, String entryName, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry("kernels/" + entryName);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        entry.setCompressedSize(content.length);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
        zip.closeEntry();
    }
}
