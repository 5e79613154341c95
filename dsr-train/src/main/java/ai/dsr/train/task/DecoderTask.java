// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.nn.Layer;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.train.loop.Adversary;
import ai.dsr.train.loop.Batch;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.loss.ReconstructionLoss;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/**
 * Training of the autoencoder's decoder on noisy latents (Zheng et al., 2025, "Diffusion Transformers with
 * Representation Autoencoders", noise-augmented decoding), for plain reconstruction or against a discriminator.
 *
 * <p>Each sample's latent gets noise of a level drawn in [0, tau), so that the decoder forgives what a denoiser leaves.
 */
public final class DecoderTask implements TrainTask {
    private final RAE rae;
    private final DecoderInputs inputs;
    private final ReconstructionLoss reconstruction; // null: adversarial
    private final AdversarialLoss adversarial; // null: reconstruction
    private final Adversary discriminator; // null: none
    private final Consumer<Path> preview;

    private DecoderTask(
            RAE rae,
            DecoderInputs inputs,
            ReconstructionLoss reconstruction,
            AdversarialLoss adversarial,
            Adversary discriminator,
            Consumer<Path> preview) {
        this.rae = rae;
        this.inputs = inputs;
        this.reconstruction = reconstruction;
        this.adversarial = adversarial;
        this.discriminator = discriminator;
        this.preview = preview;
    }

    /**
     * Training for reconstruction.
     *
     * @param rae whose decoder trains
     * @param preview writes a picture of reconstructions
     */
    public static DecoderTask reconstruction(
            RAE rae, DecoderInputs inputs, ReconstructionLoss loss, Consumer<Path> preview) {
        return new DecoderTask(rae, inputs, loss, null, null, preview);
    }

    /**
     * Training by L1, LPIPS and a discriminator, as far as {@code loss} has them.
     *
     * @param rae whose decoder trains
     * @param turns how the discriminator trains
     * @param preview writes a picture of reconstructions
     */
    public static DecoderTask adversarial(
            RAE rae,
            DecoderInputs inputs,
            AdversarialLoss loss,
            DiscriminatorTask.Turns turns,
            Consumer<Path> preview) {
        Adversary discriminator = loss.discriminator() == null ? null : new DiscriminatorTask(rae, inputs, loss, turns);
        return new DecoderTask(rae, inputs, null, loss, discriminator, preview);
    }

    @Override
    public Layer model() {
        return rae.decoder();
    }

    @Override
    public int sampleCount() {
        return inputs.size();
    }

    @Override
    public Adversary adversary() {
        return discriminator;
    }

    @Override
    public NDArray trace(NDManager step, Batch batch, BiConsumer<String, NDArray> tap) {
        NDArray target = inputs.images(step, batch);
        NDArray latents = inputs.noisyLatents(step, batch);
        tap.accept("input.images", target);
        tap.accept("input.latents", latents);
        NDArray decoded = rae.decode(latents);
        tap.accept("output", decoded);
        if (adversarial == null) {
            return reconstruction.apply(decoded, target);
        }
        return adversarial.decoder(
                decoded,
                target,
                rae.decoder().lastLayer().get(),
                batch.step(),
                () -> inputs.augmentation(batch, DecoderInputs.Augmented.GENERATOR),
                tap);
    }

    @Override
    public String sampleName(int sample) {
        return inputs.name(sample);
    }

    @Override
    public void preview(Path file) {
        preview.accept(file);
    }
}
