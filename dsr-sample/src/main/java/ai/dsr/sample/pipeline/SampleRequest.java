// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import java.util.Arrays;
import java.util.stream.IntStream;

/** What to draw: a class for each image, and the seed of the noise. Image i depends on the seed, i and its class only. */
public final class SampleRequest {
    private final int[] labels;
    private final long seed;

    /**
     * One image for each label.
     *
     * @throws IllegalArgumentException if there is nothing to draw
     */
    public SampleRequest(int[] labels, long seed) {
        if (labels.length == 0) {
            throw new IllegalArgumentException("count: expected 1 or more images, got 0");
        }
        this.labels = labels.clone();
        this.seed = seed;
    }

    /** {@code count} images of one class. */
    public static SampleRequest of(int label, int count, long seed) {
        int[] labels = new int[Math.max(count, 0)];
        Arrays.fill(labels, label);
        return new SampleRequest(labels, seed);
    }

    /** {@code each} images of every class, class after class. */
    public static SampleRequest ofAllClasses(int classes, int each, long seed) {
        return new SampleRequest(
                IntStream.range(0, classes * each).map(i -> i / each).toArray(), seed);
    }

    /** The class of each image. */
    public int[] labels() {
        return labels.clone();
    }

    /** The seed of the noise. */
    public long seed() {
        return seed;
    }
}
