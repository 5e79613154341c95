// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loss.DiffAugment;

/**
 * The random numbers of a micro-batch, each a function of (seed, purpose, step, place in the batch).
 *
 * <p>How a batch is split changes no number, and a resumed run draws what an uninterrupted one would have drawn.
 */
final class Draws {
    private final SeedTree seeds;
    private final Batch batch;

    /** The draws of one batch under the run's seed. */
    Draws(long seed, Batch batch) {
        this.batch = batch;
        seeds = SeedTree.of(seed).child("train").at(batch.step());
    }

    /** Standard normal noise {@code (n, ...sample)}. */
    NDArray normal(String purpose, NDManager manager, Shape sample) {
        int each = Math.toIntExact(sample.size());
        float[] values = new float[each * batch.size()];
        for (int i = 0; i < batch.size(); i++) {
            place(purpose, i).stream().fillNormal(values, i * each, each);
        }
        return EngineArray.of(manager, values, new Shape(batch.size()).addAll(sample));
    }

    /** One uniform number in [0, 1) a sample. */
    float[] uniform(String purpose) {
        float[] values = new float[batch.size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = place(purpose, i).stream().nextUniformFloat();
        }
        return values;
    }

    /** One set of gates for the whole batch of the update, and values for each sample. */
    DiffAugment.Draws augmentation(String purpose) {
        SeedTree own = seeds.child(purpose).at(batch.update());
        float[] gates = uniform(own.child("gates"), DiffAugment.GATES);
        float[][] values = new float[DiffAugment.VALUES][batch.size()];
        for (int i = 0; i < batch.size(); i++) {
            float[] drawn = uniform(own.at(batch.offset() + i), DiffAugment.VALUES);
            for (int row = 0; row < drawn.length; row++) {
                values[row][i] = drawn[row];
            }
        }
        return new DiffAugment.Draws(gates, values);
    }

    private static float[] uniform(SeedTree seed, int count) {
        RandomStream stream = seed.stream();
        float[] values = new float[count];
        for (int i = 0; i < count; i++) {
            values[i] = stream.nextUniformFloat();
        }
        return values;
    }

    private SeedTree place(String purpose, int i) {
        return seeds.child(purpose).at(batch.offset() + i);
    }
}
