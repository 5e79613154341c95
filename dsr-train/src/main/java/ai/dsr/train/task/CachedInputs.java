// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.encoders.rae.LatentNoise;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.sample.images.Images;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loss.DiffAugment;
import java.util.Locale;

/**
 * Images of a data set with latents from the cache: nothing is encoded while training.
 *
 * @param rae whose statistics and layout the latents have; its encoder is not called
 * @param data latents of the training images
 * @param images the images themselves, in the order of the cache
 * @param seed of all draws
 */
public record CachedInputs(RAE rae, LatentData data, ImageDataset images, long seed) implements DecoderInputs {
    @Override
    public int size() {
        return data.size();
    }

    @Override
    public String name(int sample) {
        return data.name(sample);
    }

    @Override
    public NDArray images(NDManager step, Batch batch) {
        return Images.toTensor(step, images, data.inCache(samples(batch)));
    }

    /** The samples, some of them mirrored. */
    private int[] samples(Batch batch) {
        return data.withMirrors(batch.samples(), new Draws(seed, batch).uniform("flip"));
    }

    @Override
    public NDArray latents(NDManager step, Batch batch) {
        return data.latents(step, samples(batch));
    }

    /** Noise goes to normalised latents under {@code post_stat_norm}, else to the encoder's tokens, as in encoding. */
    @Override
    public NDArray noisyLatents(NDManager step, Batch batch) {
        if (rae.config().postStatNorm()) {
            return addNoise(latents(step, batch), batch);
        }
        return rae.normalizer().normalize(addNoise(data.rawLatents(step, samples(batch)), batch));
    }

    /** Maps {@code z (B, C, h, w)} to the same shape. */
    private NDArray addNoise(NDArray z, Batch batch) {
        Draws draws = new Draws(seed, batch);
        NDManager step = z.getManager();
        NDArray norm = Kernels.norm(z, 1); // (B, 1, h, w)
        NDArray strength = EngineArray.of(step, draws.uniform("noise_level"));
        NDArray normal = draws.normal("latent_noise", step, z.getShape().slice(1));
        return rae.config().noise().add(z, norm, new LatentNoise.Draws(strength, normal));
    }

    @Override
    public DiffAugment.Draws augmentation(Batch batch, Augmented purpose) {
        return new Draws(seed, batch).augmentation("augment_" + purpose.name().toLowerCase(Locale.ROOT));
    }
}
