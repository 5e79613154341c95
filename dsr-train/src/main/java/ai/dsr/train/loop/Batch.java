// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

/**
 * The samples of one micro-batch.
 *
 * @param step the optimiser step, from 0
 * @param offset place of the first sample in the whole batch of the step; draws depend on step and place only, so that
 *     splitting a batch changes no draw
 * @param samples indices into the training data
 */
public record Batch(long step, int offset, int[] samples) {
    /** How many samples. */
    public int size() {
        return samples.length;
    }
}
