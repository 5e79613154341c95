// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;

/**
 * What an encoder makes of a batch of images.
 *
 * @param tokens patch tokens {@code (B, P, D)}, row by row, without class and register tokens
 * @param latents the same tokens before the final norm {@code (B, P, D)}, or null from an encoder that has none to give
 * @param gridHeight rows of the patch grid
 * @param gridWidth columns of the patch grid
 */
public record EncoderOutput(NDArray tokens, NDArray latents, int gridHeight, int gridWidth) {
    /** Whether there are tokens from before the final norm. */
    public boolean hasLatents() {
        return latents != null;
    }
}
