// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

/**
 * What to draw for a prompt: images {@code first} to {@code first + count - 1}, of which image i depends on the seed,
 * the prompt and i only.
 *
 * @param prompt the text; empty draws without a condition worth the name
 * @param first number of the first image
 * @param count how many, 1 or more
 * @param seed seed of the noise
 */
public record TextRequest(String prompt, int first, int count, long seed) {
    /** Checks the numbers. */
    public TextRequest {
        if (count < 1) {
            throw new IllegalArgumentException("count: expected 1 or more images, got " + count);
        }
        if (first < 0) {
            throw new IllegalArgumentException("first: expected 0 or more, got " + first);
        }
    }

    /** The first {@code count} images of a prompt. */
    public static TextRequest of(String prompt, int count, long seed) {
        return new TextRequest(prompt, 0, count, seed);
    }
}
