// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import java.util.List;
import java.util.stream.IntStream;

/** Labelled and captioned images in a fixed order. Implementations may be read by several threads. */
public interface ImageDataset {
    /** A short name for logs and manifests. */
    String name();

    /** Number of samples. */
    int size();

    /**
     * Sample {@code index} in 0 .. size - 1.
     *
     * @throws IndexOutOfBoundsException if there is no such sample
     * @throws java.io.UncheckedIOException naming the file if it cannot be read
     */
    Sample get(int index);

    /** The label of sample {@code index}, without reading its image. */
    int label(int index);

    /** The id of sample {@code index}; implementations that know it do not read the image. */
    default String id(int index) {
        return get(index).id();
    }

    /** The caption of sample {@code index}; implementations that know it do not read the image. */
    default String caption(int index) {
        return get(index).caption();
    }

    /** The class names in the order of their labels. */
    List<String> classNames();

    /** SHA-256, 64 hexadecimal digits, over everything that determines the samples and their order. */
    String fingerprint();

    /** What decides the side of sample {@code index} in a {@link Split}; its id, unless the data set knows better. */
    default String splitKey(int index) {
        return id(index);
    }

    /** The indices of the samples in a part of the data set, ascending. */
    default List<Integer> indices(Split split) {
        return IntStream.range(0, size())
                .filter(i -> split.includes(splitKey(i)))
                .boxed()
                .toList();
    }
}
