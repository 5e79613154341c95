// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.sample.eval.FeatureSpec.FeaturePart;
import ai.dsr.sample.images.Images;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Inception-V3 of published FID, sFID and inception scores; its weights are the user's to bring. */
public final class InceptionFeatures implements FeatureNetwork {
    /** Features of FID, precision, recall and KID. */
    public static final String POOL3 = "pool3";

    /** Features of sFID. */
    public static final String SPATIAL = "spatial";

    /** Logits without the bias, of the inception score. */
    public static final String LOGITS = "unbiased_logits";

    private final InceptionV3 network;
    private final FeatureSpec spec;

    private InceptionFeatures(InceptionV3 network, FeatureSpec spec) {
        this.network = network;
        this.spec = spec;
    }

    /**
     * Loads a safetensors file that {@code ./dsr convert} made of the published weights.
     *
     * @param weights owns them
     * @throws IllegalArgumentException if the file is missing or holds another network
     */
    public static InceptionFeatures load(Path file, NDManager weights) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException("inception: expected a safetensors file, got " + file
                    + ", which is not there; make one of pt_inception-2015-12-05-6726825d.pth with ./dsr convert");
        }
        InceptionV3 network = InceptionV3.of(SafeTensors.read(file), weights);
        return new InceptionFeatures(
                network,
                new FeatureSpec(
                        "inception-v3",
                        Sha256.ofFile(file),
                        "bilinear of TensorFlow 1",
                        InceptionV3.INPUT_SIZE,
                        "(x - 128) / 128",
                        List.of(
                                new FeaturePart(POOL3, InceptionV3.POOL3),
                                new FeaturePart(SPATIAL, InceptionV3.SPATIAL),
                                new FeaturePart(LOGITS, InceptionV3.CLASSES))));
    }

    @Override
    public FeatureSpec spec() {
        return spec;
    }

    @Override
    public float[] extract(NDManager scope, RgbImage image) {
        InceptionV3.Output output = network.forward(InceptionV3.resize(Images.toByteTensor(scope, List.of(image))));
        float[] features = new float[spec.totalWidth()];
        System.arraycopy(output.pool3().toFloatArray(), 0, features, 0, InceptionV3.POOL3);
        System.arraycopy(output.spatial().toFloatArray(), 0, features, spec.offset(SPATIAL), InceptionV3.SPATIAL);
        System.arraycopy(output.unbiasedLogits().toFloatArray(), 0, features, spec.offset(LOGITS), InceptionV3.CLASSES);
        return features;
    }
}
