// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.transport.Transport;
import ai.dsr.encoders.rae.LatentCodec;
import ai.dsr.encoders.rae.PixelCodec;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A denoiser to look at, with what makes its states: the encoder, and the path between latents and noise.
 *
 * @param model the denoiser
 * @param codec makes latents of images; need not decode
 * @param transport the path
 * @param classes its class names in label order; empty if they are not known
 * @param source where it came from, for reports
 * @param sha256 hash of its weights
 * @param imageSize side of the images that it was trained on
 */
public record InspectedDenoiser(
        DiffusionTransformer model,
        LatentCodec codec,
        Transport transport,
        List<String> classes,
        String source,
        String sha256,
        int imageSize) {

    /**
     * Opens a bundle, a run folder at its newest checkpoint, or a configuration file whose {@code stage_2.ckpt} is set.
     *
     * @param weights owns the weights
     * @throws IllegalArgumentException if it is none of these, or a part is missing
     */
    public static InspectedDenoiser open(Path target, NDManager weights) {
        if (Files.isRegularFile(target)) {
            Experiment experiment = Experiment.load(target, List.of());
            int size = experiment.has("data")
                    ? experiment.data().imageSize()
                    : experiment.has("stage_1")
                            ? experiment.rae().encoderInputSize()
                            : experiment.misc().latentSize().get(1);
            return of(experiment, List.of(), size, target, weights);
        }
        if (!hasDenoiser(target)) {
            throw new IllegalArgumentException(target + ": expected a bundle or run folder with a denoiser, or a"
                    + " configuration file, got " + (Files.exists(target) ? "none of these" : "nothing there"));
        }
        Bundle bundle = Bundle.open(target);
        return of(
                bundle.experiment(),
                bundle.manifest().classes(),
                bundle.manifest().imageSize(),
                target,
                weights);
    }

    /** Whether a folder is a bundle or a run folder with a denoiser. */
    public static boolean hasDenoiser(Path target) {
        Path config = target.resolve("config.yaml");
        return Files.isRegularFile(config)
                && Files.isRegularFile(target.resolve("manifest.json"))
                && Experiment.load(config, List.of()).has("stage_2");
    }

    private static InspectedDenoiser of(
            Experiment experiment, List<String> classes, int imageSize, Path target, NDManager weights) {
        DiffusionTransformer model = model(experiment, weights);
        String hash = Sha256.ofFile(experiment.resolve(experiment.denoiserWeights()));
        Transport transport = new Transport(experiment.transport());
        return new InspectedDenoiser(
                model, codec(experiment, weights), transport, classes, target.toString(), hash, imageSize);
    }

    private static DiffusionTransformer model(Experiment experiment, NDManager weights) {
        return experiment.isTextToImage()
                ? Stages.textDenoiser(experiment, weights)
                : Stages.denoiser(experiment, weights);
    }

    private static LatentCodec codec(Experiment experiment, NDManager weights) {
        if (!experiment.has("stage_1")) {
            return new PixelCodec();
        }
        return new RAE(
                experiment.rae(), Stages.encoder(experiment, weights), Stages.normalizer(experiment, weights), null);
    }

    /** Copies the list. */
    public InspectedDenoiser {
        classes = List.copyOf(classes);
    }

    /** Whether images of these classes can be given their labels; otherwise the model is told nothing about them. */
    public boolean hasClassesOf(InspectedImages images) {
        return model.conditioning() instanceof ClassLabels && classes.equals(images.classNames());
    }

    /** Conditions of images: their labels if the classes are the model's, else those that say nothing. */
    NDArray conditions(InspectedImages images, int from, int to, NDManager owner) {
        if (hasClassesOf(images)) {
            long[] labels = new long[to - from];
            for (int i = from; i < to; i++) {
                labels[i - from] = images.label(i);
            }
            return EngineArray.of(owner, labels);
        }
        Shape shape = model instanceof TextDiT text
                ? new Shape(to - from, 1, text.config().zChannels())
                : new Shape(to - from);
        return model.conditioning().none(owner, shape);
    }
}
