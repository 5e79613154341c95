// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.tensor.Shapes;

/** Pixels in [-1, 1] as latents, for denoisers that need no autoencoder (Li and He, 2025). */
public final class PixelCodec implements LatentCodec {
    /** Channels of a picture. */
    public static final int CHANNELS = 3;

    @Override
    public NDArray toLatents(NDArray images) {
        Shapes.require("images", images, Shapes.ANY, CHANNELS, Shapes.ANY, Shapes.ANY);
        return Kernels.scale(images, 2).sub(1);
    }

    @Override
    public NDArray decode(NDArray latents) {
        Shapes.require("latents", latents, Shapes.ANY, CHANNELS, Shapes.ANY, Shapes.ANY);
        return Kernels.scale(latents.add(1), 0.5);
    }
}
