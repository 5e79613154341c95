// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.encoders.rae.LatentNormalizer;
import java.util.function.IntFunction;

/** The training samples as normalised latents with labels. */
public final class LatentData {
    private final LatentSource latents;
    private final LatentNormalizer normalizer;
    private final int[] samples;
    private final int[] labels;
    private final int mirrorOffset;
    private final IntFunction<String> names;

    /** The same with samples that are called by their places in the cache. */
    public LatentData(
            LatentSource latents, LatentNormalizer normalizer, int[] samples, int[] labels, int mirrorOffset) {
        this(latents, normalizer, samples, labels, mirrorOffset, Integer::toString);
    }

    /**
     * A selection of encoded samples.
     *
     * @param samples places in the cache of the training samples
     * @param labels class of each sample of the cache
     * @param mirrorOffset how far behind a sample its mirror image lies in the cache; 0: there are none
     * @param names what a sample of the cache is called
     */
    public LatentData(
            LatentSource latents,
            LatentNormalizer normalizer,
            int[] samples,
            int[] labels,
            int mirrorOffset,
            IntFunction<String> names) {
        this.names = names;
        this.latents = latents;
        this.mirrorOffset = mirrorOffset;
        this.normalizer = normalizer;
        this.samples = samples;
        this.labels = labels;
    }

    /** What a training sample is called. */
    public String name(int sample) {
        return names.apply(samples[sample]);
    }

    /** Number of training samples. */
    public int size() {
        return samples.length;
    }

    /**
     * Puts mirror images in the place of about half of some training samples.
     *
     * @param indices of samples, 0 to {@link #size} - 1
     * @param uniform a number in [0, 1) for each; below one half it is mirrored
     * @return indices that all other methods take
     */
    public int[] withMirrors(int[] indices, float[] uniform) {
        int[] chosen = indices.clone();
        for (int i = 0; i < chosen.length && mirrorOffset > 0; i++) {
            chosen[i] += uniform[i] < 0.5f ? samples.length : 0;
        }
        return chosen;
    }

    /** Normalised latents {@code (n, C, H, W)} of training samples. */
    public NDArray latents(NDManager manager, int[] indices) {
        return normalizer.normalize(rawLatents(manager, indices));
    }

    /** Latents {@code (n, C, H, W)} of training samples as the encoder gave them. */
    public NDArray rawLatents(NDManager manager, int[] indices) {
        return latents.gather(manager, inCache(indices));
    }

    /**
     * Euclidean norms of the tokens of training samples, {@code (n, 1, H, W)}.
     *
     * @param normalized whether those of normalised latents count, as under {@code post_stat_norm}, or the encoder's own
     */
    public NDArray tokenNorms(NDManager manager, int[] indices, boolean normalized) {
        return Kernels.norm(normalized ? latents(manager, indices) : rawLatents(manager, indices), 1);
    }

    /** Labels of training samples. */
    public long[] labels(int[] indices) {
        long[] chosen = new long[indices.length];
        for (int i = 0; i < chosen.length; i++) {
            chosen[i] = labels[place(indices[i])];
        }
        return chosen;
    }

    /** Places in the cache, and in the data set, of training samples. */
    public int[] inCache(int[] indices) {
        int[] places = new int[indices.length];
        for (int i = 0; i < places.length; i++) {
            places[i] = place(indices[i]);
        }
        return places;
    }

    private int place(int index) {
        return index < samples.length ? samples[index] : samples[index - samples.length] + mirrorOffset;
    }
}
