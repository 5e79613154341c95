// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import java.util.List;

/** A tuple of the machine's objects, nulls included. */
record PickleTuple(List<Object> items) {
    static final PickleTuple EMPTY = new PickleTuple(List.of());
}
