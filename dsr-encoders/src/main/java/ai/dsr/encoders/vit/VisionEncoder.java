// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;

/** A frozen network from images to patch tokens. */
public interface VisionEncoder {
    /**
     * Encodes a batch.
     *
     * @param pixels {@code (B, 3, H, W)}, normalised with {@link #pixelNorm}; H and W at least the patch size
     * @return tokens that belong to the manager of {@code pixels}
     */
    EncoderOutput encode(NDArray pixels);

    /** How values in [0, 1] become the pixels that the encoder was trained on. */
    PixelNorm pixelNorm();

    /** Side of a patch in pixels. */
    int patchSize();

    /** Channels of a token. */
    int width();

    /** The name that configurations use, {@code Dinov2withNorm} for one. */
    String name();
}
