// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.encoders.vit.EncoderOutput;
import ai.dsr.encoders.vit.VisionEncoder;

/**
 * The representation autoencoder (Zheng et al., 2025): images to latents by a frozen encoder, and back by a decoder.
 *
 * <p>Encoding records no gradients, since nothing in it trains; decoding records them while a tape is open.
 */
public final class RAE implements LatentCodec {
    private static final int COLORS = 3;

    private final RAEConfig config;
    private final VisionEncoder encoder;
    private final LatentNormalizer normalizer;
    private final ViTDecoder decoder;

    /**
     * An autoencoder of loaded parts.
     *
     * @param decoder built from {@link #decoderConfig}, or null if images are only encoded
     * @throws IllegalArgumentException if the input size is no multiple of the patch, or the decoder does not fit
     */
    public RAE(RAEConfig config, VisionEncoder encoder, LatentNormalizer normalizer, ViTDecoder decoder) {
        this.config = config;
        this.encoder = encoder;
        this.normalizer = normalizer;
        this.decoder = decoder;
        int size = config.encoderInputSize();
        if (size % encoder.patchSize() != 0) {
            throw new IllegalArgumentException("encoder_input_size: expected a multiple of the patch size ("
                    + encoder.patchSize() + "), got " + size);
        }
        if (decoder != null && !decoder.config().equals(decoderConfig(config, encoder, decoder.config()))) {
            throw new IllegalArgumentException("decoder: expected "
                    + decoderConfig(config, encoder, decoder.config()) + ", got " + decoder.config()
                    + "; build it from RAE.decoderConfig");
        }
    }

    /** The decoder's sizes: those of {@code base}, except for what encoder and configuration decide. */
    public static DecoderConfig decoderConfig(RAEConfig config, VisionEncoder encoder, DecoderConfig base) {
        int grid = config.encoderInputSize() / encoder.patchSize();
        return base.fitted(encoder.width(), config.decoderPatchSize(), grid);
    }

    /** The configuration. */
    public RAEConfig config() {
        return config;
    }

    /** The encoder. */
    public VisionEncoder encoder() {
        return encoder;
    }

    /** The statistics. */
    public LatentNormalizer normalizer() {
        return normalizer;
    }

    /** The decoder; null if images are only encoded. */
    public ViTDecoder decoder() {
        return decoder;
    }

    /** The same encoder and decoder with other statistics, such as {@link LatentNormalizer#none}, to measure them. */
    public RAE withNormalizer(LatentNormalizer other) {
        return new RAE(config, encoder, other, decoder);
    }

    /** The shape of the latents of {@code batch} images. */
    public Shape latentShape(long batch) {
        long grid = gridSide();
        return config.reshapeTo2d()
                ? new Shape(batch, encoder.width(), grid, grid)
                : new Shape(batch, grid * grid, encoder.width());
    }

    /** The shape that {@link LatentNoise.Draws#noise} must have for {@code batch} images. */
    public Shape noiseShape(long batch) {
        long grid = gridSide();
        return config.postStatNorm() ? latentShape(batch) : new Shape(batch, grid * grid, encoder.width());
    }

    private long gridSide() {
        return config.encoderInputSize() / encoder.patchSize();
    }

    @Override
    public NDArray toLatents(NDArray images) {
        return encode(images).z();
    }

    /** Encodes {@code images (B, 3, H, W)} in [0, 1] without noise; the result belongs to the images' manager. */
    public Latents encode(NDArray images) {
        return encode(images, null);
    }

    /**
     * Encodes images as in training.
     *
     * @param images {@code (B, 3, H, W)} in [0, 1], resized to the encoder's square if they are not of its size
     * @param draws random numbers of the noise; null for none
     */
    public Latents encode(NDArray images, LatentNoise.Draws draws) {
        Shapes.require("images", images, Shapes.ANY, COLORS, Shapes.ANY, Shapes.ANY);
        LatentNoise noise = draws == null || config.noiseTau() == 0 ? null : config.noise();
        try (TensorScope scope = TensorScope.under(images.getManager())) {
            NDArray z = tokens(scope.borrow(images)); // (B, N, C)
            NDArray norm = Kernels.norm(z, 2); // (B, N, 1)
            if (noise != null && !config.postStatNorm()) {
                z = noise.add(z, norm, draws);
            }
            if (config.reshapeTo2d()) {
                z = toImage(z); // (B, C, h, w)
                norm = toImage(norm); // (B, 1, h, w)
            }
            z = normalizer.normalize(z);
            if (config.postStatNorm()) {
                norm = Kernels.norm(z, 1); // over axis 1 in both layouts
                z = noise == null ? z : noise.add(z, norm, draws);
            }
            return new Latents(scope.keep(z), scope.keep(norm));
        }
    }

    @Override
    public NDArray decode(NDArray latents) {
        if (decoder == null) {
            throw new IllegalStateException("decoder: expected one to decode with, got none; give decoder_config_path");
        }
        NDArray z = config.decodeNormalized() ? latents : normalizer.denormalize(latents);
        if (config.reshapeTo2d()) {
            Shapes.require("latents", z, Shapes.ANY, encoder.width(), Shapes.ANY, Shapes.ANY);
            Shape s = z.getShape();
            z = z.reshape(s.get(0), s.get(1), s.get(2) * s.get(3)).transpose(0, 2, 1); // (B, N, C)
        }
        return encoder.pixelNorm().denormalize(decoder.unpatchify(decoder.forward(z)));
    }

    private NDArray tokens(NDArray images) {
        int size = config.encoderInputSize();
        Shape shape = images.getShape();
        NDArray resized =
                shape.get(2) == size && shape.get(3) == size ? images : ImageKernels.bicubic(images, size, size, false);
        EncoderOutput output = encoder.encode(encoder.pixelNorm().normalize(resized));
        if (!config.preln()) {
            return output.tokens();
        }
        if (!output.hasLatents()) {
            throw new IllegalArgumentException(
                    "preln: expected an encoder that gives tokens before its final norm, got " + encoder.name());
        }
        return output.latents();
    }

    /** {@code (B, N, C)} to {@code (B, C, h, w)} with {@code h = w = floor(sqrt(N))}. */
    private static NDArray toImage(NDArray tokens) {
        Shape s = tokens.getShape();
        int side = (int) Math.sqrt((double) s.get(1));
        if ((long) side * side != s.get(1)) {
            throw new IllegalArgumentException("reshape_to_2d: expected a square number of tokens, got " + s.get(1));
        }
        return tokens.transpose(0, 2, 1).reshape(s.get(0), s.get(2), side, side);
    }
}
