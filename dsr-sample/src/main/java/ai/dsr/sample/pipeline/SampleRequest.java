// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * What to draw.
 *
 * @param labels class of each image
 * @param seed of the noise; image i depends on the seed, i and its label only
 */
public record SampleRequest(int[] labels, long seed) {
    /** Checks that there is something to draw. */
    public SampleRequest {
        if (labels.length == 0) {
            throw new IllegalArgumentException("count: expected 1 or more images, got 0");
        }
        labels = labels.clone();
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

    @Override
    public int[] labels() {
        return labels.clone();
    }
}
