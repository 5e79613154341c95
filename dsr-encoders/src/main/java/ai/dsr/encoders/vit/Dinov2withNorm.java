// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;

/** DINOv2 with trained registers: patch tokens of the last block after the final norm. */
public final class Dinov2withNorm implements VisionEncoder {
    /** The class token and four registers, as in all published checkpoints, whatever the configuration says. */
    private static final int DROPPED = 5;

    private final Dinov2 network;
    private final PixelNorm pixelNorm;
    private final boolean isNormalized;

    /**
     * Wraps a loaded network.
     *
     * @param isNormalized whether the final norm drops its weight and bias
     */
    public Dinov2withNorm(Dinov2 network, PixelNorm pixelNorm, boolean isNormalized) {
        this.network = network;
        this.pixelNorm = pixelNorm;
        this.isNormalized = isNormalized;
    }

    /** Loads a folder in Hugging Face's layout; {@code weights} owns the weights. */
    public static Dinov2withNorm ofFolder(Path folder, boolean isNormalized, NDManager weights) {
        return new Dinov2withNorm(
                Dinov2.ofFolder(folder, Dinov2Config.Variant.REGISTERS, weights),
                PixelNorm.ofFolder(folder, PixelNorm.imageNet()),
                isNormalized);
    }

    @Override
    public EncoderOutput encode(NDArray pixels) {
        int depth = network.blocks().depth();
        return TokenReader.read(network, pixels, depth, DROPPED, x -> network.norm(x, !isNormalized));
    }

    /** The network behind the wrapper. */
    public Dinov2 network() {
        return network;
    }

    @Override
    public PixelNorm pixelNorm() {
        return pixelNorm;
    }

    @Override
    public int patchSize() {
        return network.patchSize();
    }

    @Override
    public int width() {
        return network.width();
    }

    @Override
    public String name() {
        return "Dinov2withNorm";
    }
}
