// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** Noisy latents, times and labels to predictions: a model, or guidance around one. */
public interface Denoiser {
    /**
     * Predicts for each sample of a batch.
     *
     * @param x noisy latents {@code (B, C, S, S)}
     * @param t times {@code (B)} in [0, 1]
     * @param y labels {@code (B)} int64 in 0 .. {@link #numClasses()} - 1, or {@link #nullClass()}
     * @return predictions {@code (B, C, S, S)}, in the manager of {@code x}
     * @throws IllegalArgumentException if a shape is another one
     */
    NDArray forward(NDArray x, NDArray t, NDArray y);

    /** The number of real classes. */
    int numClasses();

    /**
     * The label that stands for no class.
     *
     * @throws IllegalStateException if the model was built without label dropout and so has no such label
     */
    int nullClass();

    /** The shape {@code (C, S, S)} of one sample. */
    Shape latentShape();
}
