// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.data.BatchOrder;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.sample.images.ImageOrigin;
import ai.dsr.sample.images.ImageSource;
import java.util.Iterator;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Some images of a data set, in its order.
 *
 * @param name what people call them
 * @param data the data set
 * @param indices which samples
 * @param origin what was done to them
 */
public record DatasetImages(String name, ImageDataset data, List<Integer> indices, ImageOrigin origin)
        implements ImageSource {
    /** Copies the list and checks that there is something. */
    public DatasetImages {
        indices = List.copyOf(indices);
        if (indices.isEmpty()) {
            throw new IllegalArgumentException(name + ": expected images, got none in this part of the data set");
        }
    }

    /**
     * A random part, the same for each seed, in the order of the data set.
     *
     * @throws IllegalArgumentException if there are fewer images
     */
    public DatasetImages some(int number, long seed) {
        if (number > count()) {
            throw new IllegalArgumentException(
                    "--num: expected at most the " + count() + " images of " + name + ", got " + number);
        }
        BatchOrder order = new BatchOrder(count(), seed);
        List<Integer> chosen = IntStream.range(0, number)
                .mapToObj(i -> indices.get(order.sampleAt(i)))
                .sorted()
                .toList();
        return new DatasetImages(name + ", " + number + " of " + count(), data, chosen, origin);
    }

    @Override
    public int count() {
        return indices.size();
    }

    @Override
    public Cursor open() {
        Iterator<Integer> iterator = indices.iterator();
        return () -> data.get(iterator.next()).image();
    }
}
