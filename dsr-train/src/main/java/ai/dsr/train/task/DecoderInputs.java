// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loss.DiffAugment;

/**
 * What decoder training is fed with: images, their latents and all random numbers. The same batch gives the same values
 * whenever it is asked for.
 */
public interface DecoderInputs {
    /** Number of training samples. */
    int size();

    /** What a sample is called. */
    String name(int sample);

    /** The images of a batch, {@code (B, 3, H, W)} in [0, 1], owned by {@code step}. */
    NDArray images(NDManager step, Batch batch);

    /** Their normalised latents {@code (B, C, h, w)} or {@code (B, N, C)}, as the decoder takes them. */
    NDArray latents(NDManager step, Batch batch);

    /** The same with the noise of training. */
    NDArray noisyLatents(NDManager step, Batch batch);

    /** The random numbers of an augmentation of the batch, one set for each purpose. */
    DiffAugment.Draws augmentation(Batch batch, Augmented purpose);

    /** Images that a discriminator sees. */
    enum Augmented {
        /** Reconstructions in the step of the decoder. */
        GENERATOR,
        /** Reconstructions in an update of the discriminator. */
        FAKE,
        /** Images in an update of the discriminator. */
        REAL
    }
}
