// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.encoders.rae.LatentNormalizer;

/** The training samples as normalised latents with labels. */
public final class LatentData {
    private final LatentCache cache;
    private final LatentNormalizer normalizer;
    private final int[] samples;
    private final int[] labels;

    /**
     * A selection of encoded samples.
     *
     * @param samples places in the cache of the training samples
     * @param labels class of each sample of the cache
     */
    public LatentData(LatentCache cache, LatentNormalizer normalizer, int[] samples, int[] labels) {
        this.cache = cache;
        this.normalizer = normalizer;
        this.samples = samples;
        this.labels = labels;
    }

    /** Number of training samples. */
    public int size() {
        return samples.length;
    }

    /** Normalised latents {@code (n, C, H, W)} of training samples. */
    public NDArray latents(NDManager manager, int[] indices) {
        return normalizer.normalize(rawLatents(manager, indices));
    }

    /** Latents {@code (n, C, H, W)} of training samples as the encoder gave them. */
    public NDArray rawLatents(NDManager manager, int[] indices) {
        return cache.gather(manager, inCache(indices));
    }

    /** Labels of training samples. */
    public long[] labels(int[] indices) {
        long[] chosen = new long[indices.length];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = labels[samples[indices[i]]];
        }
        return chosen;
    }

    /** Places in the cache, and in the data set, of training samples. */
    public int[] inCache(int[] indices) {
        int[] places = new int[indices.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = samples[indices[i]];
        }
        return places;
    }
}
