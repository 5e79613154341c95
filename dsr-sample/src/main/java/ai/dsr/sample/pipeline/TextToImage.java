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
import ai.dsr.encoders.rae.LatentCodec;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.text.CaptionReader;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Prompt to picture: text encoder and connector or language model, noise, guided denoiser, solver, decoder.
 *
 * <p>Each prompt is drawn on its own, in chunks of a fixed size, the last one padded: image i of a prompt has the same
 * bits whatever else is drawn. Not safe for use by several threads.
 */
public final class TextToImage implements AutoCloseable {
    /** As many as benchmarks draw a prompt, and few enough that one image does not cost much more than its share. */
    private static final int CHUNK = 4;

    private final NDManager manager;
    private final Experiment experiment;
    private final CaptionReader reader;
    private final boolean ownsReader;
    private final TextToLatent model;
    private final LatentCodec codec;

    private TextToImage(
            NDManager manager,
            Experiment experiment,
            CaptionReader reader,
            boolean ownsReader,
            TextToLatent model,
            LatentCodec codec) {
        this.manager = manager;
        this.experiment = experiment;
        this.reader = reader;
        this.ownsReader = ownsReader;
        this.model = model;
        this.codec = codec;
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
        CaptionReader reader = null;
        try {
            reader = Stages.captionReader(experiment);
            bundle.manifest().requireTextEncoder(experiment.text().frozenSection(), reader.fingerprint());
            TextToLatent model = Stages.textToLatent(experiment, reader, manager);
            return new TextToImage(manager, experiment, reader, true, model, Stages.codec(experiment, manager));
        } catch (RuntimeException e) {
            if (reader != null) {
                reader.close();
            }
            manager.close();
            throw e;
        }
    }

    /** A pipeline of models that live elsewhere, such as in training; closing it frees nothing of theirs. */
    public static TextToImage of(
            Experiment experiment, CaptionReader reader, TextToLatent model, LatentCodec codec, NDManager parent) {
        return new TextToImage(parent.newSubManager(), experiment, reader, false, model, codec);
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
        ChunkSampler sampler = new ChunkSampler(experiment, guided, codec, CHUNK, samplerConfig);
        SeedTree seeds = SeedTree.of(request.seed()).child("prompt").child(request.prompt());
        List<RgbImage> images = new ArrayList<>();
        int evaluations = 0;
        try (NDManager scope = manager.newSubManager()) {
            NDArray rows = model.rows(reader.read(scope, request.prompt())); // (1, L, Z)
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
        if (ownsReader) {
            reader.close();
        }
        manager.close();
    }
}
