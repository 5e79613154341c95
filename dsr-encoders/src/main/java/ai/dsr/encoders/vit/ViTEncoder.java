// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.TensorScope;

/**
 * A vision transformer of any family as an encoder: patch tokens after the final norm, or the raw ones of an earlier
 * block.
 */
public final class ViTEncoder implements VisionEncoder {
    private final EncoderFamily family;
    private final ViTBackbone backbone;
    private final PixelNorm pixelNorm;
    private final TokenReadout readout;

    /**
     * Wraps a loaded network.
     *
     * @param backbone the family's network, perhaps with something done to it, such as test-time registers
     * @throws IllegalArgumentException if the network has no such hidden state, or fewer tokens than are to be dropped
     */
    public ViTEncoder(EncoderFamily family, ViTBackbone backbone, PixelNorm pixelNorm, TokenReadout readout) {
        int depth = backbone.depth();
        int layer = readout.layerIndex();
        if (layer < -depth - 1 || layer > depth) {
            throw new IllegalArgumentException(
                    "layer_index: expected " + (-depth - 1) + " to " + depth + ", got " + layer);
        }
        this.family = family;
        this.backbone = backbone;
        this.pixelNorm = pixelNorm;
        this.readout = readout;
    }

    @Override
    public EncoderOutput encode(NDArray pixels) {
        PatchGrid grid = backbone.grid(pixels);
        family.requireGrid(grid);
        boolean isLast = readout.layerIndex() == TokenReadout.LAST;
        int depth = backbone.depth();
        int count = isLast ? depth : Math.floorMod(readout.layerIndex(), depth + 1);
        int end = backbone.prefixTokens() + grid.count();
        int dropped =
                readout.droppedTokens() == TokenReadout.PREFIX ? backbone.prefixTokens() : readout.droppedTokens();
        if (dropped >= end) {
            throw new IllegalArgumentException("dropped_tokens: expected fewer than " + end + ", got " + dropped);
        }
        try (TensorScope scope = TensorScope.under(pixels.getManager())) {
            NDArray x = backbone.embed(scope.borrow(pixels)); // (B, T, D)
            NDArray y = backbone.forward(x, grid, count, MlpHook.NONE);
            NDArray latents = ViTBackbone.rows(y, dropped, end); // (B, P, D)
            NDArray tokens = isLast ? backbone.norm(latents, !readout.isNormalized()) : latents;
            return new EncoderOutput(
                    scope.keep(tokens),
                    family.givesLatents() ? scope.keep(latents) : null,
                    grid.height(),
                    grid.width());
        }
    }

    /** The same wrapper around another network, such as its own with test-time registers. */
    public ViTEncoder over(ViTBackbone other) {
        return new ViTEncoder(family, other, pixelNorm, readout);
    }

    /** The family. */
    public EncoderFamily family() {
        return family;
    }

    /** The network behind the wrapper. */
    public ViTBackbone backbone() {
        return backbone;
    }

    @Override
    public PixelNorm pixelNorm() {
        return pixelNorm;
    }

    @Override
    public int patchSize() {
        return backbone.patchSize();
    }

    @Override
    public int width() {
        return backbone.width();
    }

    @Override
    public String name() {
        return family.encoderCls();
    }
}
