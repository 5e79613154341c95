// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.checkpoint;

import ai.djl.ndarray.types.DataType;

/** The memory that tensors are views of: a run of elements somewhere in the file. */
final class Storage {
    private final DataType type;
    private final long count;
    private final Storage base;
    private final long offset;
    private long begin = -1;

    private Storage(DataType type, long count, Storage base, long offset) {
        this.type = type;
        this.count = count;
        this.base = base;
        this.offset = offset;
    }

    /** A storage of {@code count} elements whose place in the file is told later. */
    static Storage of(DataType type, long count) {
        return new Storage(type, count, null, 0);
    }

    /** A part of this storage, as old files name it. */
    Storage view(long viewOffset, long viewCount) {
        if (viewOffset < 0 || viewCount < 0 || viewOffset > count - viewCount) {
            throw new IllegalArgumentException("storage view: expected a part of " + count + " elements, got "
                    + viewCount + " from " + viewOffset);
        }
        return new Storage(type, viewCount, this, viewOffset);
    }

    DataType type() {
        return type;
    }

    /** Number of elements. */
    long count() {
        return count;
    }

    /** Number of bytes. */
    long byteCount() {
        return count * type.getNumOfBytes();
    }

    /** Tells where the bytes are. */
    void placeAt(long position) {
        begin = position;
    }

    /** Where the bytes are in the file. */
    long begin() {
        return base == null ? begin : base.begin() + offset * type.getNumOfBytes();
    }
}
