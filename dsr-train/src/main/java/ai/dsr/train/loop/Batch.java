// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

/**
 * The samples of one micro-batch.
 *
 * <p>Draws depend on the step and on the place of a sample in the whole batch of the step, so splitting a batch changes no
 * draw.
 */
public final class Batch {
    private final long step;
    private final int offset;
    private final int[] samples;

    /**
     * A part of a step's batch.
     *
     * @param step the optimiser step, from 0
     * @param offset place of the first sample in the whole batch of the step
     * @param samples indices into the training data
     */
    public Batch(long step, int offset, int... samples) {
        this.step = step;
        this.offset = offset;
        this.samples = samples.clone();
    }

    /** The optimiser step, from 0. */
    public long step() {
        return step;
    }

    /** Place of the first sample in the whole batch of the step. */
    public int offset() {
        return offset;
    }

    /** Indices into the training data. */
    public int[] samples() {
        return samples.clone();
    }

    /** How many samples. */
    public int size() {
        return samples.length;
    }
}
