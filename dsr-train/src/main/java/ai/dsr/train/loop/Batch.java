// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The samples of one micro-batch.
 *
 * <p>Draws depend on the step and on the place of a sample in the whole batch of the step, so splitting a batch changes no
 * draw.
 */
public final class Batch {
    private final long step;
    private final int update;
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
        this(step, 0, offset, samples.clone());
    }

    private Batch(long step, int update, int offset, int[] samples) {
        this.step = step;
        this.update = update;
        this.offset = offset;
        this.samples = samples;
    }

    /** Sample {@code i} of this batch alone, with the draws that it has here. */
    Batch only(int i) {
        return new Batch(step, update, offset + i, new int[] {samples[i]});
    }

    /** Splits the whole batch of a step, or of an update of the {@link Adversary} after it, into micro-batches. */
    static List<Batch> split(long step, int update, int[] samples, int size) {
        List<Batch> parts = new ArrayList<>();
        for (int first = 0; first < samples.length; first += size) {
            parts.add(new Batch(step, update, first, Arrays.copyOfRange(samples, first, first + size)));
        }
        return parts;
    }

    /** The optimiser step, from 0. */
    public long step() {
        return step;
    }

    /** Which update of the adversary after the step this is for, from 0; 0 in the step itself. */
    public int update() {
        return update;
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
