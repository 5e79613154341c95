// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.encoders.rae.LatentNoise;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.sample.images.Images;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.loss.ReconstructionLoss;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Training of the autoencoder's decoder on noisy latents (Zheng et al., 2025, "Diffusion Transformers with
 * Representation Autoencoders", noise-augmented decoding).
 *
 * <p>Each sample's latent gets noise of a level drawn in [0, tau), so that the decoder forgives what a denoiser leaves.
 */
public final class DecoderTask implements TrainTask {
    private final RAE rae;
    private final LatentData data;
    private final ImageDataset images;
    private final ReconstructionLoss loss;
    private final LatentNoise noise;
    private final long seed;
    private final Consumer<Path> preview;

    /**
     * A task on encoded data.
     *
     * @param rae whose decoder trains; its encoder is not called
     * @param data latents of the training images
     * @param images the images themselves, in the order of the cache
     * @param noise what is added to latents in training
     * @param seed of all draws
     * @param preview writes a picture of reconstructions
     */
    public DecoderTask(
            RAE rae,
            LatentData data,
            ImageDataset images,
            ReconstructionLoss loss,
            LatentNoise noise,
            long seed,
            Consumer<Path> preview) {
        this.rae = rae;
        this.data = data;
        this.images = images;
        this.loss = loss;
        this.noise = noise;
        this.seed = seed;
        this.preview = preview;
    }

    @Override
    public Layer model() {
        return rae.decoder();
    }

    @Override
    public int sampleCount() {
        return data.size();
    }

    @Override
    public NDArray loss(NDManager step, Batch batch) {
        return trace(step, batch, (name, value) -> {});
    }

    @Override
    public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
        int[] samples = data.withMirrors(batch.samples(), new Draws(seed, batch).uniform("flip"));
        NDArray target = Images.toTensor(step, images, data.inCache(samples));
        NDArray latents = noisyLatents(step, batch, samples);
        tap.accept("input.images", target);
        tap.accept("input.latents", latents);
        NDArray decoded = rae.decode(latents);
        tap.accept("output", decoded);
        return loss.apply(decoded, target);
    }

    @Override
    public String sampleName(int sample) {
        return data.name(sample);
    }

    /** Noise goes to normalised latents under {@code post_stat_norm}, else to the encoder's tokens, as in encoding. */
    private NDArray noisyLatents(NDManager step, Batch batch, int[] samples) {
        if (rae.config().postStatNorm()) {
            return addNoise(data.latents(step, samples), batch);
        }
        return rae.normalizer().normalize(addNoise(data.rawLatents(step, samples), batch));
    }

    /** Maps {@code z (B, C, h, w)} to the same shape. */
    private NDArray addNoise(NDArray z, Batch batch) {
        Draws draws = new Draws(seed, batch);
        NDManager step = z.getManager();
        NDArray norm = Kernels.norm(z, 1); // (B, 1, h, w)
        NDArray strength = EngineArray.of(step, draws.uniform("noise_level"));
        NDArray normal = draws.normal("latent_noise", step, z.getShape().slice(1));
        return noise.add(z, norm, new LatentNoise.Draws(strength, normal));
    }

    @Override
    public void preview(Path file) {
        preview.accept(file);
    }
}
