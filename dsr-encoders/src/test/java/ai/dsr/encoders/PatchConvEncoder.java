// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.vit.EncoderOutput;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.encoders.vit.VisionEncoder;

/** The smallest encoder there is: a patch convolution and a layer norm. */
public final class PatchConvEncoder implements VisionEncoder {
    private final Network network;
    private final PixelNorm pixelNorm;
    private final Sizes sizes;

    private PatchConvEncoder(Network network, PixelNorm pixelNorm, Sizes sizes) {
        this.network = network;
        this.pixelNorm = pixelNorm;
        this.sizes = sizes;
    }

    /** Side of a patch, channels, eps of the norm, and whether the tokens before the norm are given as latents. */
    public record Sizes(int patch, int width, double eps, boolean givesLatents) {}

    /** An encoder with the weights of a state dict. */
    public static PatchConvEncoder of(NDManager weights, StateDict state, PixelNorm pixelNorm, Sizes sizes) {
        Network network = new Network(sizes);
        network.load(weights, state);
        return new PatchConvEncoder(network, pixelNorm, sizes);
    }

    /** An encoder with random weights. */
    public static PatchConvEncoder random(NDManager weights, PixelNorm pixelNorm, Sizes sizes) {
        Network network = new Network(sizes);
        network.initialize(weights, SeedTree.of(7));
        return new PatchConvEncoder(network, pixelNorm, sizes);
    }

    @Override
    public EncoderOutput encode(NDArray pixels) {
        NDArray tokens = network.proj.forward(pixels);
        int rows = (int) pixels.getShape().get(2) / sizes.patch;
        int columns = (int) pixels.getShape().get(3) / sizes.patch;
        return new EncoderOutput(network.norm.forward(tokens), sizes.givesLatents ? tokens : null, rows, columns);
    }

    @Override
    public PixelNorm pixelNorm() {
        return pixelNorm;
    }

    @Override
    public int patchSize() {
        return sizes.patch;
    }

    @Override
    public int width() {
        return sizes.width;
    }

    @Override
    public String name() {
        return "patch_conv";
    }

    private static final class Network extends Layer {
        private final PatchEmbed proj;
        private final LayerNorm norm;

        Network(Sizes sizes) {
            proj = child("proj", PatchEmbed.named("", 3, sizes.width, sizes.patch));
            norm = child("norm", LayerNorm.affine(sizes.width, sizes.eps));
        }
    }
}
