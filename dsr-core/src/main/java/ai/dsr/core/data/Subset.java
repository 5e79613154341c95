// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.io.Sha256;
import java.util.List;

/**
 * Some samples of a data set, evenly spread over it, with its classes: for trials.
 *
 * @param source the whole
 * @param size how many, 1 to those of the whole
 */
public record Subset(ImageDataset source, int size) implements ImageDataset {
    /** Checks the size. */
    public Subset {
        if (size < 1 || size > source.size()) {
            throw new IllegalArgumentException("size: expected 1 to " + source.size() + ", got " + size);
        }
    }

    private int original(int index) {
        if (index < 0 || index >= size) {
            throw new IndexOutOfBoundsException("sample " + index + ": expected 0 to " + (size - 1));
        }
        return (int) ((long) index * source.size() / size);
    }

    @Override
    public String name() {
        return source.name() + "-" + size;
    }

    @Override
    public Sample get(int index) {
        return source.get(original(index));
    }

    @Override
    public int label(int index) {
        return source.label(original(index));
    }

    @Override
    public String id(int index) {
        return source.id(original(index));
    }

    @Override
    public String caption(int index) {
        return source.caption(original(index));
    }

    @Override
    public List<String> classNames() {
        return source.classNames();
    }

    @Override
    public String fingerprint() {
        return Sha256.ofText(source.fingerprint() + " " + size);
    }

    @Override
    public String splitKey(int index) {
        return source.splitKey(original(index));
    }
}
