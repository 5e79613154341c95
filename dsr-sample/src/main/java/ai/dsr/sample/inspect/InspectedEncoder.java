// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.encoders.register.RegisterParams;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * An encoder to look at.
 *
 * @param encoder the encoder without test-time registers
 * @param plan the plan that its configuration names, or null
 * @param source where it came from, for reports
 * @param sha256 hash of its weights
 * @param imageSize side of the images that it usually gets, a multiple of its patch
 */
public record InspectedEncoder(ViTEncoder encoder, RegisterPlan plan, String source, String sha256, int imageSize) {
    private static final int USUAL_SIZE = 224;

    /**
     * Opens what a user points at: a checkpoint folder in Hugging Face's layout, whose family its {@code config.json}
     * tells; a configuration file; a bundle or run folder.
     *
     * @param weights owns the weights
     * @throws IllegalArgumentException if it is none of these
     */
    public static InspectedEncoder open(Path target, NDManager weights) {
        if (Files.isRegularFile(target)) {
            return of(Experiment.load(target, List.of()), target, weights);
        }
        if (Files.isRegularFile(target.resolve("config.yaml"))) {
            return of(Bundle.open(target).experiment(), target, weights);
        }
        if (!Files.isRegularFile(target.resolve("config.json"))) {
            throw new IllegalArgumentException(
                    target + ": expected a checkpoint folder with config.json, a bundle or run"
                            + " folder, or a configuration file, got "
                            + (Files.exists(target) ? "none of these" : "nothing there"));
        }
        ViTEncoder encoder = EncoderCatalog.open(target, weights);
        int size = USUAL_SIZE / encoder.patchSize() * encoder.patchSize();
        return new InspectedEncoder(encoder, null, target.toString(), SafeTensors.sha256OfFolder(target), size);
    }

    private static InspectedEncoder of(Experiment experiment, Path target, NDManager weights) {
        RAEConfig rae = experiment.rae();
        Path folder = experiment.resolve(rae.encoderConfigPath());
        RegisterParams params = RegisterParams.of(rae.encoderCls(), rae.encoderParams());
        return new InspectedEncoder(
                EncoderCatalog.open(params.encoderCls(), folder, params.encoderParams(), weights),
                Stages.registerPlan(experiment),
                target.toString(),
                SafeTensors.sha256OfFolder(folder),
                rae.encoderInputSize());
    }

    /** Fails unless images of this side fit the patches. */
    public void requireSize(int size) {
        if (size < encoder.patchSize() || size % encoder.patchSize() != 0) {
            throw new IllegalArgumentException(
                    "--size: expected a multiple of the patch (" + encoder.patchSize() + "), got " + size);
        }
    }
}
