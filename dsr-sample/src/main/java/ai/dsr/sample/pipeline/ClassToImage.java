// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.run.Progress;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.dit.solver.Sampler;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.dit.transport.Transport;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Class label to picture: noise, guided denoiser, solver, decoder.
 *
 * <p>Images are drawn in chunks of a fixed size, the last one padded, so that image i has the same bits whatever the
 * number of images asked for. Not safe for use by several threads.
 */
public final class ClassToImage implements AutoCloseable {
    /** Large enough to keep the processor busy, small enough that one image does not cost much more than its share. */
    private static final int CHUNK = 8;

    private final NDManager manager;
    private final Experiment experiment;
    private final List<String> classNames;
    private final Denoiser model;
    private final RAE rae;

    private ClassToImage(NDManager manager, Experiment experiment, List<String> classNames, Denoiser model, RAE rae) {
        this.manager = manager;
        this.experiment = experiment;
        this.classNames = List.copyOf(classNames);
        this.model = model;
        this.rae = rae;
    }

    /** Loads a bundle or a run folder on the CPU. */
    public static ClassToImage load(Path folder) {
        return load(Bundle.open(folder), Torch.newManager());
    }

    /** Loads a bundle on the device of a manager, which is closed with the pipeline. */
    public static ClassToImage load(Bundle bundle, NDManager manager) {
        Experiment experiment = bundle.experiment();
        try {
            Denoiser model = Stages.denoiser(experiment, manager);
            RAE rae = Stages.autoencoder(experiment, manager);
            return new ClassToImage(manager, experiment, bundle.manifest().classes(), model, rae);
        } catch (RuntimeException e) {
            manager.close();
            throw e;
        }
    }

    /** A pipeline of models that live elsewhere, such as in training; closing it frees nothing of theirs. */
    public static ClassToImage of(
            Experiment experiment, List<String> classNames, Denoiser model, RAE rae, NDManager parent) {
        return new ClassToImage(parent.newSubManager(), experiment, classNames, model, rae);
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
        int[] labels = request.labels();
        int classes = ClassLabels.of(model).numClasses();
        for (int label : labels) {
            if (label < 0 || label >= classes) {
                throw new IllegalArgumentException(
                        "class: expected a label of 0 to " + (classes - 1) + ", got " + label);
            }
        }
        Sampler sampler = new Sampler(new Transport(experiment.transport()), samplerConfig);
        Denoiser guided = guidance.guide(model, null);
        List<RgbImage> images = new ArrayList<>();
        for (int first = 0; first < labels.length; first += CHUNK) {
            int count = Math.min(CHUNK, labels.length - first);
            int[] chunk = Arrays.copyOf(Arrays.copyOfRange(labels, first, first + count), CHUNK);
            images.addAll(draw(guided, sampler, chunk, request.seed(), first, progress)
                    .subList(0, count));
        }
        return images;
    }

    private List<RgbImage> draw(
            Denoiser guided, Sampler sampler, int[] labels, long seed, int first, Progress progress) {
        try (NDManager scope = manager.newSubManager()) {
            NDArray noise = noise(scope, SeedTree.of(seed), first);
            NDArray y = scope.create(Arrays.stream(labels).asLongStream().toArray());
            SeedTree steps = SeedTree.of(seed).child("sde");
            NDArray z = sampler.sample(
                            guided,
                            noise,
                            y,
                            (step, owner) -> noise(owner, steps.at(step), first),
                            (step, total, t, x) -> progress.step(1))
                    .x();
            return Images.toImages(rae.decode(z));
        }
    }

    /** Noise {@code (CHUNK, C, H, W)}: image i has its own stream. */
    private NDArray noise(NDManager scope, SeedTree seeds, int first) {
        Shape shape = model.latentShape();
        int each = Math.toIntExact(shape.size());
        float[] values = new float[CHUNK * each];
        for (int i = 0; i < CHUNK; i++) {
            seeds.child("noise").at(first + i).stream().fillNormal(values, i * each, each);
        }
        return scope.create(values, new Shape(CHUNK).addAll(shape));
    }

    @Override
    public void close() {
        manager.close();
    }
}
