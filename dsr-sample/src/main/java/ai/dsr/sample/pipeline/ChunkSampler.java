// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.dit.solver.Sampler;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.dit.solver.Solution;
import ai.dsr.dit.transport.Transport;
import ai.dsr.encoders.rae.LatentCodec;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.images.Images;
import java.util.List;

/**
 * From noise to pictures in chunks of one size: what all pipelines share.
 *
 * <p>Image i takes its noise from its own number and always stands at place {@code i % size} of a chunk, so its bits do
 * not depend on how many images are asked for.
 */
final class ChunkSampler {
    private final Denoiser guided;
    private final Sampler sampler;
    private final LatentCodec codec;
    private final Shape latent;
    private final int size;

    /**
     * A sampler of chunks.
     *
     * @param guided the denoiser, guidance included
     * @param size images a chunk
     */
    ChunkSampler(Experiment experiment, Denoiser guided, LatentCodec codec, int size, SamplerConfig sampler) {
        this.codec = codec;
        this.size = size;
        this.sampler = new Sampler(new Transport(experiment.transport()), sampler);
        this.guided = guided;
        latent = guided.latentShape();
    }

    /**
     * Draws one chunk.
     *
     * @param y conditions of all its places
     * @param seeds root of the draws
     * @param first number of the image at the first place, a multiple of the size
     * @param progress is stepped once a solver step
     */
    Chunk draw(NDArray y, SeedTree seeds, long first, Progress progress) {
        NDManager scope = y.getManager();
        SeedTree steps = seeds.child("sde");
        Solution solution = sampler.sample(
                (x, t) -> guided.forward(x, t, TensorScope.view(y, x.getManager())),
                noise(scope, seeds, first),
                (step, owner) -> noise(owner, steps.at(step), first),
                (step, total, t, x) -> progress.step(1));
        return new Chunk(Images.toImages(codec.decode(solution.x())), solution.evaluations());
    }

    /** Noise {@code (size, C, H, W)}: each image has its own stream. */
    private NDArray noise(NDManager scope, SeedTree seeds, long first) {
        int each = Math.toIntExact(latent.size());
        float[] values = new float[size * each];
        for (int i = 0; i < size; i++) {
            seeds.child("noise").at(first + i).stream().fillNormal(values, i * each, each);
        }
        return EngineArray.of(scope, values, new Shape(size).addAll(latent));
    }

    /**
     * A drawn chunk.
     *
     * @param images all its places
     * @param evaluations of the model; guidance does not count twice
     */
    record Chunk(List<RgbImage> images, int evaluations) {}
}
