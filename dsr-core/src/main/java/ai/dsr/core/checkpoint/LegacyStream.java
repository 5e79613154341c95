// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.io.IOException;
import java.math.BigInteger;
import java.nio.channels.FileChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The file format before PyTorch 1.6: five pickles (magic number, version, system, object, storage keys), then for each
 * key the element count and the bytes.
 */
final class LegacyStream {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long VERSION = 1001;

    private LegacyStream() {}

    /** Reads the pickles and places the storages; returns the object. */
    static Object read(FileChannel channel) throws IOException {
        PickleInput in = new PickleInput(channel, 0, channel.size());
        StorageTable none = new StorageTable(true);
        require("magic number", MAGIC, new PickleMachine(in, none).load());
        require("protocol version", VERSION, new PickleMachine(in, none).load());
        Object system = new PickleMachine(in, none).load();
        Object byteOrder = system instanceof PickleDict dict ? dict.items().get("little_endian") : null;
        require("system info: little_endian", true, byteOrder);
        if (!none.byKey().isEmpty()) {
            throw new IllegalArgumentException("header: expected no storages, got some");
        }
        StorageTable storages = new StorageTable(true);
        Object root = new PickleMachine(in, storages).load();
        place(in, new PickleMachine(in, none).load(), storages.byKey());
        if (in.remaining() != 0) {
            throw new IllegalArgumentException(
                    "expected the end of the file after the last storage, got " + in.remaining() + " more bytes");
        }
        return root;
    }

    private static void require(String what, Object expected, Object got) {
        if (!expected.equals(got)) {
            throw new IllegalArgumentException(what + ": expected " + expected + ", got " + PickleMachine.kind(got));
        }
    }

    private static void place(PickleInput in, Object keys, Map<String, Storage> storages) throws IOException {
        Set<String> unplaced = new HashSet<>(storages.keySet());
        if (!(keys instanceof List<?> list) || list.size() != unplaced.size()) {
            throw wrongKeys(storages);
        }
        for (Object key : list) {
            if (!(key instanceof String name) || !unplaced.remove(name)) {
                throw wrongKeys(storages);
            }
            Storage storage = storages.get(name);
            long count = in.read(Long.BYTES).getLong();
            if (count != storage.count()) {
                throw new IllegalArgumentException(
                        "storage " + key + ": expected " + storage.count() + " elements, got " + count);
            }
            storage.placeAt(in.position());
            in.skip(storage.byteCount());
        }
    }

    private static IllegalArgumentException wrongKeys(Map<String, Storage> storages) {
        return new IllegalArgumentException(
                "storage keys: expected each of the " + storages.size() + " that tensors use, got others");
    }
}
