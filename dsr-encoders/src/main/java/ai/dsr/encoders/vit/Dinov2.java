// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import java.nio.file.Path;

/**
 * DINOv2 (Oquab et al., 2023): class token, registers if the variant has them (Darcet et al., 2024), patches.
 *
 * <p>Registers carry no position: they join after positions were added. Images of any size are accepted; the position
 * table is resized to their grid.
 */
public final class Dinov2 extends Layer implements ViTBackbone {
    private static final double INITIAL_STD = 0.02;

    private final Dinov2Config config;
    private final Weight classToken;
    private final Weight positions;
    private final Weight registers;
    private final PatchEmbed patchEmbed;
    private final ViTStack blocks;
    private final LayerNorm norm;
    private final LayerNorm plainNorm;

    /** A network of these sizes; holds no memory until it is loaded. */
    public Dinov2(Dinov2Config config) {
        this.config = config;
        int d = config.hiddenSize();
        int patches = config.gridSide() * config.gridSide();
        Initializer init = Initializer.normal(INITIAL_STD);
        classToken = weight("embeddings.cls_token", init, 1, 1, d);
        positions = weight("embeddings.position_embeddings", init, 1, 1 + patches, d);
        registers = config.numRegisterTokens() == 0
                ? null
                : weight("embeddings.register_tokens", init, 1, config.numRegisterTokens(), d);
        patchEmbed = child(
                "embeddings.patch_embeddings",
                PatchEmbed.named("projection", config.numChannels(), d, config.patchSize()));
        blocks = child("encoder.layer", new ViTStack(config.block(), config.numHiddenLayers()));
        norm = child("layernorm", LayerNorm.affine(d, config.layerNormEps()));
        plainNorm = LayerNorm.plain(config.layerNormEps());
    }

    /**
     * Reads {@code config.json} and the safetensors of a folder in Hugging Face's layout, converted to float32.
     *
     * @param weights owns the weights from now on
     * @throws IllegalArgumentException if the folder holds another model, or names or shapes do not fit
     */
    public static Dinov2 ofFolder(Path folder, Dinov2Config.Variant variant, NDManager weights) {
        return of(Dinov2Config.of(HfConfig.ofFolder(folder), variant), SafeTensors.readFolder(folder), weights);
    }

    /** A network with the weights of a state dict; heads and mask tokens in it are ignored. */
    public static Dinov2 of(Dinov2Config config, StateDict state, NDManager weights) {
        Dinov2 network = new Dinov2(config);
        network.load(weights, state, Dinov2::isIgnorable);
        return network;
    }

    /** Whatever does not belong to the network proper, and the token that only training uses. */
    private static boolean isIgnorable(String name) {
        return name.equals("embeddings.mask_token")
                || !(name.startsWith("embeddings.") || name.startsWith("encoder.") || name.startsWith("layernorm."));
    }

    @Override
    public NDArray embed(NDArray pixels) {
        Shapes.require("pixels", pixels, Shapes.ANY, config.numChannels(), Shapes.ANY, Shapes.ANY);
        int patch = config.patchSize();
        int height = (int) pixels.getShape().get(2) / patch;
        int width = (int) pixels.getShape().get(3) / patch;
        if (height < 1 || width < 1) {
            throw new IllegalArgumentException(
                    "pixels: expected sides of at least one patch (" + patch + "), got " + pixels.getShape());
        }
        try (TensorScope scope = TensorScope.under(pixels.getManager())) {
            NDArray patches = patchEmbed.forward(pixels); // (B, P, D)
            patches.attach(scope.manager());
            NDArray x = Kernels.insertRows(patches, classToken.get(), 0); // (B, 1 + P, D)
            boolean isSquare = pixels.getShape().get(2) == pixels.getShape().get(3);
            NDArray positioned = x.add(positions(x, height, width, isSquare));
            return scope.keep(
                    registers == null ? positioned : Kernels.insertRows(positioned, registers.get(), 1)); // (B, T, D)
        }
    }

    /** The table as it is for the grid it was trained on; a non-square image is resized even if its count fits. */
    private NDArray positions(NDArray owner, int height, int width, boolean isSquare) {
        int side = config.gridSide();
        if (isSquare && height * width == side * side) {
            return positions.get();
        }
        boolean antialias = config.variant().isAntialiased();
        return ImageKernels.resizePositions(owner, positions.get(), 1, side, height, width, antialias);
    }

    @Override
    public ViTStack blocks() {
        return blocks;
    }

    @Override
    public NDArray norm(NDArray x, boolean isAffine) {
        return (isAffine ? norm : plainNorm).forward(x);
    }

    @Override
    public int prefixTokens() {
        return 1 + config.numRegisterTokens();
    }

    @Override
    public int patchSize() {
        return config.patchSize();
    }

    @Override
    public int width() {
        return config.hiddenSize();
    }
}
