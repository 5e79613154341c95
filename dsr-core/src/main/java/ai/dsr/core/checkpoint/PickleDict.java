// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.math.BigInteger;
import java.util.LinkedHashMap;
import java.util.Map;

/** A dictionary of the machine's objects, plain or ordered; its keys are texts and integers. */
final class PickleDict {
    private final boolean isOrdered;
    private final Map<Object, Object> items = new LinkedHashMap<>();

    PickleDict(boolean isOrdered) {
        this.isOrdered = isOrdered;
    }

    /** Whether it is an {@code OrderedDict}, which may carry a state. */
    boolean isOrdered() {
        return isOrdered;
    }

    Map<Object, Object> items() {
        return items;
    }

    void put(Object key, Object value) {
        if (!(key instanceof String || key instanceof Long || key instanceof BigInteger)) {
            throw new IllegalArgumentException(
                    "dictionary: expected a text or an integer as key, got " + PickleMachine.kind(key));
        }
        items.put(key, value);
    }
}
