// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.io.Sha256;
import java.util.List;

/**
 * A data set followed by the same images mirrored left to right: sample {@code n + i} is the mirror image of sample i.
 *
 * <p>So both flips can be encoded once, and training chooses between i and n + i.
 *
 * @param source the data set of n samples
 */
public record Mirrored(ImageDataset source) implements ImageDataset {
    @Override
    public String name() {
        return source.name() + "-mirrored";
    }

    @Override
    public int size() {
        return Math.multiplyExact(2, source.size());
    }

    @Override
    public Sample get(int index) {
        Sample sample = source.get(original(index));
        return index < source.size()
                ? sample
                : new Sample(id(index), sample.image().flipped(), sample.label(), sample.caption());
    }

    private int original(int index) {
        return index < source.size() ? index : index - source.size();
    }

    @Override
    public int label(int index) {
        return source.label(original(index));
    }

    @Override
    public String id(int index) {
        return index < source.size() ? source.id(index) : source.id(original(index)) + " mirrored";
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
        return Sha256.ofText(source.fingerprint() + " mirrored");
    }

    @Override
    public String splitKey(int index) {
        return source.splitKey(original(index));
    }
}
