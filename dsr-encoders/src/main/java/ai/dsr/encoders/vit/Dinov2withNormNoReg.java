// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.nio.file.Path;

/**
 * DINOv2 without registers: patch tokens of the last block after the final norm, or the raw ones of an earlier block.
 *
 * <p>The last block of a small model has lost the detail that a pixel decoder needs; an earlier one keeps it.
 */
public final class Dinov2withNormNoReg implements VisionEncoder {
    /** The layer index that asks for the normalised output of the last block. */
    public static final int LAST = -1;

    /** The class token. */
    private static final int DROPPED = 1;

    private final Dinov2 network;
    private final PixelNorm pixelNorm;
    private final boolean isNormalized;
    private final int layerIndex;

    /**
     * Wraps a loaded network.
     *
     * @param isNormalized whether the final norm drops its weight and bias
     * @param layerIndex {@link #LAST}, or the hidden state to return as it is: 0 is the input of the first block, L the
     *     output of the last, and below -1 they count from the end (-2 is L - 1); {@code isNormalized} then plays no part
     * @throws IllegalArgumentException if there is no such hidden state
     */
    public Dinov2withNormNoReg(Dinov2 network, PixelNorm pixelNorm, boolean isNormalized, int layerIndex) {
        int depth = network.blocks().depth();
        if (layerIndex < -depth - 1 || layerIndex > depth) {
            throw new IllegalArgumentException(
                    "layer_index: expected " + (-depth - 1) + " to " + depth + ", got " + layerIndex);
        }
        this.network = network;
        this.pixelNorm = pixelNorm;
        this.isNormalized = isNormalized;
        this.layerIndex = layerIndex;
    }

    /** Loads a folder in Hugging Face's layout; {@code weights} owns the weights. */
    public static Dinov2withNormNoReg ofFolder(Path folder, boolean isNormalized, int layerIndex, NDManager weights) {
        return new Dinov2withNormNoReg(
                Dinov2.ofFolder(folder, Dinov2Config.Variant.PLAIN, weights),
                PixelNorm.ofFolder(folder, PixelNorm.imageNet()),
                isNormalized,
                layerIndex);
    }

    @Override
    public EncoderOutput encode(NDArray pixels) {
        int depth = network.blocks().depth();
        int count = layerIndex == LAST ? depth : Math.floorMod(layerIndex, depth + 1);
        return TokenReader.read(
                network, pixels, count, DROPPED, x -> layerIndex == LAST ? network.norm(x, !isNormalized) : x);
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
        return "Dinov2withNormNoReg";
    }
}
