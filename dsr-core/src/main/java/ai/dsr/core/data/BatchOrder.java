// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;

/**
 * The endless order in which training visits n samples: each epoch is a permutation, a function of (seed, epoch).
 *
 * <p>A run that stopped after p samples goes on with {@code sampleAt(p)}; nothing else has to be stored. May be used by
 * several threads.
 */
public final class BatchOrder {
    private final int samples;
    private final SeedTree seeds;
    private volatile Epoch current;

    /**
     * The order of {@code samples} samples, 1 or more.
     *
     * @param seed root seed of the run
     */
    public BatchOrder(int samples, long seed) {
        if (samples < 1) {
            throw new IllegalArgumentException("samples: expected 1 or more, got " + samples);
        }
        this.samples = samples;
        seeds = SeedTree.of(seed).child("order");
        current = shuffle(0);
    }

    /** Samples of one epoch. */
    public int samples() {
        return samples;
    }

    /** The index in 0 .. samples - 1 of the sample at {@code position}, counted from 0 over all epochs. */
    public int sampleAt(long position) {
        if (position < 0) {
            throw new IllegalArgumentException("position: expected 0 or more, got " + position);
        }
        long number = position / samples;
        Epoch epoch = current;
        if (epoch.number != number) {
            epoch = shuffle(number);
            current = epoch;
        }
        return epoch.order[(int) (position % samples)];
    }

    /** The samples at {@code count} successive positions from {@code position}; may reach into the next epoch. */
    public int[] samplesAt(long position, int count) {
        int[] batch = new int[count];
        for (int i = 0; i < count; i++) {
            batch[i] = sampleAt(position + i);
        }
        return batch;
    }

    /** Fisher-Yates. */
    private Epoch shuffle(long number) {
        RandomStream stream = seeds.at(number).stream();
        int[] order = new int[samples];
        for (int i = 0; i < samples; i++) {
            int j = stream.nextInt(i + 1);
            order[i] = order[j];
            order[j] = i;
        }
        return new Epoch(number, order);
    }

    private static final class Epoch {
        private final long number;
        private final int[] order;

        Epoch(long number, int[] order) {
            this.number = number;
            this.order = order;
        }
    }
}
