// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;

/** Images to what a denoiser works on, and back: an autoencoder, or the pixels themselves. */
public sealed interface LatentCodec permits RAE, PixelCodec {
    /** Maps {@code images (B, 3, H, W)} in [0, 1] to latents {@code (B, C, h, w)}, in the images' manager. */
    NDArray toLatents(NDArray images);

    /** Maps latents {@code (B, C, h, w)} to images {@code (B, 3, H, W)}, nominally in [0, 1]; nothing is clamped. */
    NDArray decode(NDArray latents);
}
