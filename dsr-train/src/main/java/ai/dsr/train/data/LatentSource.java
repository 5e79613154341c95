// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.util.SortedMap;
import java.util.TreeMap;

/** The latents of a data set, by number. */
public interface LatentSource {
    /** Number of samples. */
    int size();

    /** Shape {@code (C, H, W)} of one sample. */
    Shape sampleShape();

    /** The latents of the given samples as float32 {@code (n, C, H, W)} in {@code manager}. */
    NDArray gather(NDManager manager, int[] samples);

    /** Samples that could not be read, and why. */
    default SortedMap<Integer, String> corrupt() {
        return new TreeMap<>();
    }
}
