// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.dit.text.TextToLatent;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.text.TextEncoder;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Prompt to picture: text encoder, connector, noise, guided denoiser, solver, decoder.
 *
 * <p>Each prompt is drawn on its own, in chunks of a fixed size, the last one padded: image i of a prompt has the same
 * bits whatever else is drawn. Not safe for use by several threads.
 */
public final class TextToImage implements AutoCloseable {
    /** As many as benchmarks draw a prompt, and few enough that one image does not cost much more than its share. */
    private static final int CHUNK = 4;

    private final NDManager manager;
    private final Experiment experiment;
    private final TextEncoder encoder;
    private final boolean ownsEncoder;
    private final TextToLatent model;
    private final RAE rae;

    private TextToImage(
            NDManager manager,
            Experiment experiment,
            TextEncoder encoder,
            boolean ownsEncoder,
            TextToLatent model,
            RAE rae) {
        this.manager = manager;
        this.experiment = experiment;
        this.encoder = encoder;
        this.ownsEncoder = ownsEncoder;
        this.model = model;
        this.rae = rae;
    }

    /** Loads a bundle or a run folder on the CPU. */
    public static TextToImage load(Path folder) {
        return load(Bundle.open(folder), Torch.newManager());
    }

    /**
     * Loads a bundle on the device of a manager, which is closed with the pipeline.
     *
     * @throws IllegalArgumentException if the bundle takes no prompts, or its text encoder is another one
     */
    public static TextToImage load(Bundle bundle, NDManager manager) {
        Experiment experiment = bundle.experiment();
        TextEncoder encoder = null;
        try {
            encoder = Stages.textEncoder(experiment);
            bundle.manifest().requireTextEncoder(encoder.fingerprint());
            TextToLatent model = Stages.textToLatent(experiment, encoder, manager);
            return new TextToImage(manager, experiment, encoder, true, model, Stages.autoencoder(experiment, manager));
        } catch (RuntimeException e) {
            if (encoder != null) {
                encoder.close();
            }
            manager.close();
            throw e;
        }
    }

    /** A pipeline of models that live elsewhere, such as in training; closing it frees nothing of theirs. */
    public static TextToImage of(
            Experiment experiment, TextEncoder encoder, TextToLatent model, RAE rae, NDManager parent) {
        return new TextToImage(parent.newSubManager(), experiment, encoder, false, model, rae);
    }

    /** Chooses the type of the matrix products of denoiser and connector, for all images from now on. */
    public void setPrecision(Precision precision) {
        model.setPrecision(precision);
    }

    /** The configuration behind it. */
    public Experiment experiment() {
        return experiment;
    }

    /** Draws images with the bundle's own sampler and guidance. */
    public List<RgbImage> generate(TextRequest request) {
        return generate(request, experiment.sampler(), experiment.guidance(), Progress.silent())
                .images();
    }

    /** How often {@link #generate} steps its progress for one request. */
    public static long work(TextRequest request, SamplerConfig sampler) {
        long chunks = (request.first() + request.count() - 1L) / CHUNK - request.first() / CHUNK + 1L;
        return chunks * (sampler.numSteps() - 1);
    }

    /**
     * Draws images.
     *
     * @param progress is stepped once per chunk of images and solver step
     */
    public Drawn generate(
            TextRequest request, SamplerConfig samplerConfig, GuidanceConfig guidance, Progress progress) {
        if (guidance.isActive() && guidance.method() == GuidanceMethod.AUTOGUIDANCE) {
            throw new IllegalArgumentException("guidance.method: expected cfg for text-to-image, got autoguidance");
        }
        Denoiser guided = guidance.guide(model.denoiser(), null);
        ChunkSampler sampler = new ChunkSampler(experiment, guided, rae, CHUNK, samplerConfig);
        SeedTree seeds = SeedTree.of(request.seed()).child("prompt").child(request.prompt());
        List<RgbImage> images = new ArrayList<>();
        int evaluations = 0;
        try (NDManager scope = manager.newSubManager()) {
            NDArray rows = model.rows(
                    CaptionBatch.of(scope, encoder.encode(request.prompt()).valid())); // (1, L, Z)
            int end = request.first() + request.count();
            for (int chunk = request.first() / CHUNK * CHUNK; chunk < end; chunk += CHUNK) {
                try (NDManager inner = scope.newSubManager()) {
                    NDArray y = repeated(rows, inner);
                    ChunkSampler.Chunk drawn = sampler.draw(y, seeds, chunk, progress);
                    int from = Math.max(request.first() - chunk, 0);
                    images.addAll(drawn.images().subList(from, Math.min(end - chunk, CHUNK)));
                    evaluations = drawn.evaluations();
                }
            }
        }
        return new Drawn(images, evaluations);
    }

    /** The same rows at every place of a chunk, {@code (CHUNK, L, Z)}. */
    private static NDArray repeated(NDArray rows, NDManager owner) {
        NDArray y = rows.repeat(0, CHUNK);
        y.attach(owner);
        return y;
    }

    @Override
    public void close() {
        if (ownsEncoder) {
            encoder.close();
        }
        manager.close();
    }
}
