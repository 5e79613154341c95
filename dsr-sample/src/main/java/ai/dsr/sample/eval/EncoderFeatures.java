// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.PillowResize;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.Sha256;
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.ImageFeatures;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.sample.eval.FeatureSpec.FeaturePart;
import ai.dsr.sample.images.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The class token of a vision encoder: with DINOv2, the feature of FD-DINOv2 (Stein et al., 2023).
 *
 * <p>Images are resized to a square with Pillow's antialiased bicubic filter, as there. Published values need ViT-L/14
 * at 224 pixels; those of other encoders and sizes are on scales of their own, so figures carry the encoder's name.
 */
public final class EncoderFeatures implements FeatureNetwork {
    /** The one part. */
    public static final String CLASS_TOKEN = "class_token";

    private static final String WEIGHTS = "model.safetensors";

    private final ViTEncoder encoder;
    private final FeatureSpec spec;

    private EncoderFeatures(ViTEncoder encoder, FeatureSpec spec) {
        this.encoder = encoder;
        this.spec = spec;
    }

    /**
     * Loads an encoder from a folder in Hugging Face's layout.
     *
     * @param size side of the input, a multiple of the patch size
     * @param weights owns the encoder
     * @throws IllegalArgumentException if there is none, it has no class token, or the size does not fit
     */
    public static EncoderFeatures load(Path folder, int size, NDManager weights) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException("encoder: expected a folder with config.json and model.safetensors, got "
                    + folder + "; give another with --encoder (in a configuration: eval.encoder)");
        }
        ViTEncoder encoder = EncoderCatalog.open(folder, weights);
        if (!encoder.backbone().hasClassToken()) {
            throw new IllegalArgumentException(
                    folder + ": expected an encoder with a class token, got " + encoder.name());
        }
        if (size < encoder.patchSize() || size % encoder.patchSize() != 0) {
            throw new IllegalArgumentException(
                    "encoder size: expected a multiple of the patch size (" + encoder.patchSize() + "), got " + size);
        }
        String name = folder.toAbsolutePath().normalize().getFileName().toString();
        return new EncoderFeatures(
                encoder,
                new FeatureSpec(
                        name,
                        Files.exists(folder.resolve(WEIGHTS)) ? Sha256.ofFile(folder.resolve(WEIGHTS)) : name,
                        "bicubic of Pillow to a square",
                        size,
                        "mean " + encoder.pixelNorm().mean() + ", deviation "
                                + encoder.pixelNorm().std(),
                        List.of(new FeaturePart(CLASS_TOKEN, encoder.width()))));
    }

    @Override
    public FeatureSpec spec() {
        return spec;
    }

    @Override
    public float[] extract(NDManager scope, RgbImage image) {
        RgbImage resized = PillowResize.bicubic(image, spec.inputSize(), spec.inputSize());
        NDArray pixels = encoder.pixelNorm().normalize(Images.toTensor(scope, List.of(resized)));
        return ImageFeatures.of(encoder.backbone(), pixels).classToken().toFloatArray();
    }
}
