// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;

/** The file format since PyTorch 1.6: a zip archive with {@code NAME/data.pkl} and a member for each storage. */
final class TorchArchive {
    private static final int MAX_BYTE_ORDER = 16;

    /** CRC-32 is taken over pieces of this many bytes. */
    private static final int PIECE = 1 << 24;

    private TorchArchive() {}

    /** Reads the pickle and places the storages; returns the object. */
    static Object read(FileChannel channel, MappedFile file, boolean checksums) throws IOException {
        StoredZip zip = StoredZip.read(channel);
        String folder = folder(zip);
        requireLittleEndian(channel, zip, folder);
        StoredZip.Member pickle = zip.require(folder + "data.pkl");
        requireChecksum(folder + "data.pkl", pickle, file, checksums);
        PickleInput in = new PickleInput(channel, pickle.begin(), pickle.begin() + pickle.size());
        StorageTable storages = new StorageTable(false);
        Object root = new PickleMachine(in, storages).load();
        if (in.remaining() != 0) {
            throw new IllegalArgumentException(
                    "data.pkl: expected its end after the object, got " + in.remaining() + " more bytes");
        }
        for (Map.Entry<String, Storage> entry : storages.byKey().entrySet()) {
            String name = folder + "data/" + entry.getKey();
            StoredZip.Member member = zip.require(name);
            Storage storage = entry.getValue();
            if (member.size() != storage.byteCount()) {
                throw new IllegalArgumentException(name + ": expected " + storage.byteCount() + " bytes for "
                        + storage.count() + " elements of " + storage.type() + ", got " + member.size());
            }
            requireChecksum(name, member, file, checksums);
            storage.placeAt(member.begin());
        }
        return root;
    }

    private static String folder(StoredZip zip) {
        List<String> pickles = zip.members().keySet().stream()
                .filter(name -> name.matches("[^/]+/data\\.pkl"))
                .toList();
        if (pickles.size() != 1) {
            throw new IllegalArgumentException("zip: expected one member NAME/data.pkl, got " + pickles.size()
                    + "; is this a checkpoint of torch.save?");
        }
        String folder = pickles.get(0).substring(0, pickles.get(0).indexOf('/') + 1);
        if (zip.members().containsKey(folder + "constants.pkl")) {
            throw new IllegalArgumentException("expected a checkpoint, got a TorchScript program; save its state_dict");
        }
        return folder;
    }

    private static void requireLittleEndian(FileChannel channel, StoredZip zip, String folder) throws IOException {
        StoredZip.Member member = zip.members().get(folder + "byteorder");
        if (member != null) {
            long size = Math.min(member.size(), MAX_BYTE_ORDER);
            String order = new PickleInput(channel, member.begin(), member.begin() + size).readText(size);
            if (!order.equals("little")) {
                throw new IllegalArgumentException(
                        "byteorder: expected little, got " + order.replaceAll("\\p{Cntrl}", "?"));
            }
        }
    }

    private static void requireChecksum(String name, StoredZip.Member member, MappedFile file, boolean wanted)
            throws IOException {
        if (!wanted) {
            return;
        }
        CRC32 crc = new CRC32();
        for (long done = 0; done < member.size(); ) {
            int piece = (int) Math.min(PIECE, member.size() - done);
            crc.update(file.slice(member.begin() + done, piece));
            done += piece;
        }
        if (crc.getValue() != member.crc()) {
            throw new IllegalArgumentException(name + ": expected CRC-32 " + Long.toHexString(member.crc()) + ", got "
                    + Long.toHexString(crc.getValue()) + "; the file is damaged, fetch it again");
        }
    }
}
