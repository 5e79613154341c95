// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.encoders.vit.MlpHook;
import ai.dsr.encoders.vit.RotaryPositions;
import ai.dsr.encoders.vit.ViTStack;
import java.util.List;

/**
 * Latent tokens to pixels: the decoder of a masked autoencoder (He et al., 2022) without mask tokens.
 *
 * <p>A learned class token, initially zero, goes with the latents and is dropped at the end. The position table is a
 * fixed code by construction; whether it trains is the trainer's decision.
 */
public final class ViTDecoder extends Layer {
    private final DecoderConfig config;
    private final Dense embed;
    private final Weight positions;
    private final Weight classToken;
    private final ViTStack layers;
    private final LayerNorm norm;
    private final Dense pred;

    /** A decoder of these sizes; holds no memory yet. */
    public ViTDecoder(DecoderConfig config) {
        this.config = config;
        int d = config.decoderHiddenSize();
        embed = child("decoder_embed", Dense.of(config.hiddenSize(), d, true));
        positions = table(
                "decoder_pos_embed",
                (values, random) -> Initializer.values(DecoderPositions.table(d, config.gridSide()))
                        .fill(values, random),
                1,
                1 + config.numPatches(),
                d);
        classToken = weight("trainable_cls_token", Initializer.zeros(), 1, 1, d);
        layers = child("decoder_layers", new ViTStack(config.block(), config.decoderNumHiddenLayers()));
        norm = child("decoder_norm", LayerNorm.affine(d, config.layerNormEps()));
        pred = child("decoder_pred", Dense.of(d, config.patchValues(), true));
    }

    /** The sizes. */
    public DecoderConfig config() {
        return config;
    }

    /**
     * Maps latent tokens to the values of their patches.
     *
     * @param z {@code (B, N, C)}; N other than P must be a square and is interpolated bilinearly, after the embedding
     * @return {@code (B, P, p * p * channels)}, rows of a patch first, colours fastest
     */
    public NDArray forward(NDArray z) {
        return head(layers.forward(embed(z, false), RotaryPositions.NONE, layers.depth(), MlpHook.NONE));
    }

    /**
     * As {@link #forward(NDArray)}, for input that may begin with a class token.
     *
     * @param dropClassToken whether the first token is a class token, to be dropped after the embedding
     * @param interpolatePositions allowed with {@code dropClassToken} only; changes nothing, since tokens are
     *     interpolated to the table's count before
     * @throws IllegalArgumentException if {@code interpolatePositions} comes without {@code dropClassToken}
     */
    public NDArray forward(NDArray z, boolean dropClassToken, boolean interpolatePositions) {
        if (interpolatePositions && !dropClassToken) {
            throw new IllegalArgumentException(
                    "interpolate_pos_encoding: expected drop_cls_token with it, got drop_cls_token false");
        }
        return head(layers.forward(embed(z, dropClassToken), RotaryPositions.NONE, layers.depth(), MlpHook.NONE));
    }

    /**
     * The input of the first layer and the output of each, {@code (B, 1 + P, D)}, before the final norm.
     *
     * @param z {@code (B, N, C)}, or with a class token in front {@code (B, 1 + N, C)}
     * @param dropClassToken whether there is such a token, to be dropped
     */
    public List<NDArray> hiddenStates(NDArray z, boolean dropClassToken) {
        return layers.hiddenStates(embed(z, dropClassToken), RotaryPositions.NONE, MlpHook.NONE);
    }

    /**
     * Attention weights of a layer after the softmax.
     *
     * @param hiddenState the layer's input {@code (B, 1 + P, D)}, an entry of {@link #hiddenStates}
     * @return {@code (B, K, 1 + P, 1 + P)}
     */
    public NDArray attentionWeights(NDArray hiddenState, int layer) {
        return layers.attentionWeights(hiddenState, RotaryPositions.NONE, layer);
    }

    /** The weight that adaptive loss weights are measured at: that of the last linear layer. */
    public Weight lastLayer() {
        return pred.weights().get("weight");
    }

    /** Puts patches {@code (B, P, p * p * channels)} together to the square image of the configuration. */
    public NDArray unpatchify(NDArray patches) {
        return unpatchify(patches, config.imageSize(), config.imageSize());
    }

    /**
     * Puts patches together to an image.
     *
     * @param patches {@code (B, P, p * p * channels)}, row by row
     * @param height in pixels
     * @param width in pixels
     * @return {@code (B, channels, height, width)}
     * @throws IllegalArgumentException if the image does not have P patches
     */
    public NDArray unpatchify(NDArray patches, int height, int width) {
        int p = config.patchSize();
        long rows = height / p;
        long columns = width / p;
        Shapes.require("patches", patches, Shapes.ANY, rows * columns, config.patchValues());
        long batch = patches.getShape().get(0);
        return patches.reshape(batch, rows, columns, p, p, config.numChannels())
                .transpose(0, 5, 1, 3, 2, 4) // (B, channels, rows, p, columns, p)
                .reshape(batch, config.numChannels(), rows * p, columns * p);
    }

    /** Class token, embedded latents, positions: {@code (B, 1 + P, D)}. */
    private NDArray embed(NDArray z, boolean dropClassToken) {
        Shapes.require("z", z, Shapes.ANY, Shapes.ANY, config.hiddenSize());
        NDArray x = embed.forward(z); // (B, N, D)
        if (dropClassToken) {
            x = x.get(new NDIndex()
                    .addAllDim()
                    .addSliceDim(1, x.getShape().get(1))
                    .addAllDim());
        }
        return Kernels.insertRows(resample(x), classToken.get(), 0).add(positions.get());
    }

    private NDArray resample(NDArray x) {
        Shape shape = x.getShape();
        int tokens = (int) shape.get(1);
        if (tokens == config.numPatches()) {
            return x;
        }
        int side = (int) Math.sqrt(tokens);
        if (tokens < 1 || side * side != tokens) {
            throw new IllegalArgumentException(
                    "z: expected " + config.numPatches() + " tokens or another square number, got " + tokens);
        }
        int target = config.gridSide();
        NDArray image = x.transpose(0, 2, 1).reshape(shape.get(0), shape.get(2), side, side); // (B, D, h, w)
        return ImageKernels.bilinear(image, target, target, false)
                .reshape(shape.get(0), shape.get(2), config.numPatches())
                .transpose(0, 2, 1); // (B, P, D)
    }

    private NDArray head(NDArray x) {
        NDArray patches = x.get(
                new NDIndex().addAllDim().addSliceDim(1, x.getShape().get(1)).addAllDim());
        return pred.forward(norm.forward(patches)); // (B, P, p * p * channels)
    }
}
