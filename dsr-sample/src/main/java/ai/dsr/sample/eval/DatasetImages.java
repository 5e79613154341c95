// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.data.ImageDataset;
import java.util.Iterator;
import java.util.List;

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
