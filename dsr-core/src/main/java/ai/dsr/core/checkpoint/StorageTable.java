// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Resolves the references that tensors make to storages: {@code ('storage', class, key, location, element count)}, in old
 * files with a sixth element for views.
 */
final class StorageTable {
    private static final int FIELDS = 5;

    /** Larger counts cannot be in a file; it keeps products of counts and element sizes within a long. */
    private static final long MAX_COUNT = Long.MAX_VALUE / 8;

    private final boolean isLegacy;
    private final Map<String, Storage> byKey = new LinkedHashMap<>();

    StorageTable(boolean isLegacy) {
        this.isLegacy = isLegacy;
    }

    /** The storages that have been referred to, by key. */
    Map<String, Storage> byKey() {
        return Collections.unmodifiableMap(byKey);
    }

    /** The storage that a persistent id names; the same one for the same key. */
    Storage resolve(Object id) {
        int fields = isLegacy ? FIELDS + 1 : FIELDS;
        if (!(id instanceof PickleTuple tuple)
                || tuple.items().size() != fields
                || !"storage".equals(tuple.items().get(0))
                || !(tuple.items().get(1) instanceof TorchGlobal storageClass)
                || !(tuple.items().get(2) instanceof String key)
                || !(tuple.items().get(3) instanceof String)
                || !(tuple.items().get(4) instanceof Long count)) {
            throw new IllegalArgumentException("storage: expected a reference with " + fields
                    + " elements ('storage', class, key, location, count), got another");
        }
        // Digits only: a key becomes part of the name of a zip member.
        if (!key.matches("[0-9]{1,20}") || count < 0 || count > MAX_COUNT) {
            throw new IllegalArgumentException("storage: expected a key of digits and a count of 0 or more, got "
                    + shorten(key) + " and " + count);
        }
        Storage known = byKey.computeIfAbsent(key, k -> Storage.of(storageClass.storageType(), count));
        if (known.type() != storageClass.storageType() || known.count() != count) {
            throw new IllegalArgumentException("storage " + key + ": expected " + known.count() + " elements of "
                    + known.type() + " as before, got " + count + " of " + storageClass);
        }
        return isLegacy && tuple.items().get(FIELDS) != null
                ? view(known, tuple.items().get(FIELDS))
                : known;
    }

    private static Storage view(Storage root, Object metadata) {
        if (metadata instanceof PickleTuple tuple && tuple.items().size() == 3) {
            List<Object> items = tuple.items();
            if (items.get(0) instanceof String
                    && items.get(1) instanceof Long offset
                    && items.get(2) instanceof Long n) {
                return root.view(offset, n);
            }
        }
        throw new IllegalArgumentException("storage view: expected (key, offset, count), got another");
    }

    private static String shorten(String text) {
        return text.length() > 40 ? text.substring(0, 40) + "..." : text;
    }
}
