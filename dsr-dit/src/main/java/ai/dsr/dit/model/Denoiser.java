// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** Noisy latents, times and conditions to predictions: a model, or guidance around one. */
public interface Denoiser {
    /**
     * Predicts for each sample of a batch.
     *
     * @param x noisy latents {@code (B, C, S, S)}
     * @param t times {@code (B)} in [0, 1]
     * @param y conditions as {@link #conditioning()} describes them: labels {@code (B)} int64 or rows {@code (B, L, Z)}
     * @return predictions {@code (B, C, S, S)}, in the manager of {@code x}
     * @throws IllegalArgumentException if a shape is another one
     */
    NDArray forward(NDArray x, NDArray t, NDArray y);

    /** What {@code y} is, and how it says nothing. */
    Conditioning conditioning();

    /** The shape {@code (C, S, S)} of one sample. */
    Shape latentShape();
}
