// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.encoders.rae.LatentCodec;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Class label to picture: noise, guided denoiser, solver, decoder.
 *
 * <p>Images are drawn in chunks of a fixed size, the last one padded, so that image i has the same bits whatever the
 * number of images asked for. Not safe for use by several threads.
 */
public final class ClassToImage implements AutoCloseable {
    /** Large enough to keep the processor busy, small enough that one image does not cost much more than its share. */
    static final int CHUNK = 8;

    private final NDManager manager;
    private final Experiment experiment;
    private final List<String> classNames;
    private final DiffusionTransformer model;
    private final Guide guide;
    private final LatentCodec codec;

    private ClassToImage(
            NDManager manager,
            Experiment experiment,
            List<String> classNames,
            DiffusionTransformer model,
            LatentCodec codec) {
        this.manager = manager;
        this.experiment = experiment;
        this.classNames = List.copyOf(classNames);
        this.model = model;
        guide = new Guide(experiment, model, manager);
        this.codec = codec;
    }

    /** Loads a bundle or a run folder on the CPU. */
    public static ClassToImage load(Path folder) {
        return load(Bundle.open(folder), Torch.newManager());
    }

    /** Loads a bundle on the device of a manager, which is closed with the pipeline. */
    public static ClassToImage load(Bundle bundle, NDManager manager) {
        Experiment experiment = bundle.experiment();
        try {
            DiffusionTransformer model = Stages.denoiser(experiment, manager);
            LatentCodec codec = Stages.codec(experiment, manager);
            return new ClassToImage(manager, experiment, bundle.manifest().classes(), model, codec);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** A pipeline of models that live elsewhere, such as in training; closing it frees nothing of theirs. */
    public static ClassToImage of(
            Experiment experiment,
            List<String> classNames,
            DiffusionTransformer model,
            LatentCodec codec,
            NDManager parent) {
        return new ClassToImage(parent.newSubManager(), experiment, classNames, model, codec);
    }

    /** Chooses the type of the denoiser's matrix products, for all images from now on; float32 unless chosen. */
    public void setPrecision(Precision precision) {
        model.setPrecision(precision);
    }

    /** The class names in label order. */
    public List<String> classNames() {
        return classNames;
    }

    /** The configuration behind it. */
    public Experiment experiment() {
        return experiment;
    }

    /** Draws images with the bundle's own sampler and guidance. */
    public List<RgbImage> generate(SampleRequest request) {
        return generate(request, experiment.sampler(), experiment.guidance(), Progress.silent());
    }

    /** How often {@link #generate} steps its progress for {@code count} images. */
    public static long work(int count, SamplerConfig sampler) {
        long chunks = (count + CHUNK - 1L) / CHUNK;
        return chunks * (sampler.numSteps() - 1);
    }

    /**
     * Draws images.
     *
     * @param progress is stepped once per chunk of images and solver step
     * @throws IllegalArgumentException if a label is no class of the model
     */
    public List<RgbImage> generate(
            SampleRequest request, SamplerConfig samplerConfig, GuidanceConfig guidance, Progress progress) {
        return draw(0, request, samplerConfig, guidance, progress).images();
    }

    /**
     * Draws images from a number on; arguments as above.
     *
     * @param first number of the first image: it is the one that a request for more images has at that place
     */
    public Drawn draw(
            int first, SampleRequest request, SamplerConfig samplerConfig, GuidanceConfig guidance, Progress progress) {
        int[] labels = request.labels();
        requireLabels(labels);
        ChunkSampler sampler = new ChunkSampler(experiment, guide.guided(guidance), codec, CHUNK, samplerConfig);
        List<RgbImage> images = new ArrayList<>();
        int evaluations = 0;
        int end = first + labels.length;
        for (int chunk = first / CHUNK * CHUNK; chunk < end; chunk += CHUNK) {
            int from = Math.max(first - chunk, 0);
            int to = Math.min(end - chunk, CHUNK);
            long[] places = new long[CHUNK]; // places without an image draw class 0
            for (int i = from; i < to; i++) {
                places[i] = labels[chunk + i - first];
            }
            try (NDManager scope = manager.newSubManager()) {
                NDArray y = EngineArray.of(scope, places);
                ChunkSampler.Chunk drawn = sampler.draw(y, SeedTree.of(request.seed()), chunk, progress);
                images.addAll(drawn.images().subList(from, to));
                evaluations = drawn.evaluations();
            }
        }
        return new Drawn(images, evaluations);
    }

    private void requireLabels(int[] labels) {
        int classes = ClassLabels.of(model).numClasses();
        for (int label : labels) {
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException(
                        "class: expected a label of 0 to " + (classes - 1) + ", got " + label);
            }
        }
    }

    @Override
    public void close() {
        manager.close();
    }
}
