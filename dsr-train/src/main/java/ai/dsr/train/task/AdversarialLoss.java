// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.task;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.AdversarialKernels;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.encoders.critic.DinoDiscriminator;
import ai.dsr.encoders.critic.Lpips;
import ai.dsr.train.loop.Objective;
import ai.dsr.train.loss.AdaptiveWeight;
import ai.dsr.train.loss.DiffAugment;
import ai.dsr.train.loss.GanLoss;
import ai.dsr.train.loss.GanLossConfig;
import ai.dsr.train.loss.ReconstructionLoss;
import java.util.function.BiConsumer;
import java.util.function.Supplier;

/**
 * The losses of the published decoder recipe (Zheng et al., 2025): L1 + LPIPS + GAN for the decoder, and that of its
 * discriminator. Random numbers are arguments.
 *
 * @param config terms, weights and when they begin
 * @param stepsPerEpoch steps of the decoder an epoch, which starts are counted in
 * @param perceptual LPIPS; null if the configuration gives it no weight
 * @param discriminator what judges the images; null if the configuration gives it no weight
 * @param augment what images go through before they are judged
 */
public record AdversarialLoss(
        GanLossConfig config,
        int stepsPerEpoch,
        Lpips perceptual,
        DinoDiscriminator discriminator,
        DiffAugment augment) {

    private static final ReconstructionLoss L1 = new ReconstructionLoss(0);

    /**
     * The decoder's loss of a batch, a scalar. Without a recording there are no gradients to weight the adversarial term
     * by, and it is left out.
     *
     * @param decoded reconstructions {@code (B, 3, H, W)}, not clamped
     * @param images what they should be, in [0, 1]
     * @param lastLayer the decoder's last weight matrix, which adaptive weights are measured at
     * @param step the step of the run, from 0
     * @param draws of the augmentation, asked for if reconstructions are judged
     * @param tap sees the terms
     */
    public NDArray decoder(
            NDArray decoded,
            NDArray images,
            NDArray lastLayer,
            long step,
            Supplier<DiffAugment.Draws> draws,
            BiConsumer<String, NDArray> tap) {
        NDArray l1 = L1.apply(decoded, images);
        tap.accept(Objective.TERM + "l1", l1);
        NDArray recon = l1;
        NDArray zero = decoded.getManager().zeros(new Shape());
        NDArray lpips = zero;
        if (config.usesPerceptual(step, stepsPerEpoch)) {
            lpips = perceptual.forward(symmetric(images), symmetric(decoded)).mean();
            recon = l1.add(Kernels.scale(lpips, config.perceptualWeight()));
        }
        tap.accept(Objective.TERM + "lpips", lpips);
        NDArray gan = zero;
        NDArray weight = zero;
        NDArray total = recon;
        if (config.usesGan(step, stepsPerEpoch) && Autograd.current() != null) {
            AdaptiveWeight.Term faithful = AdaptiveWeight.Term.of(recon, decoded);
            NDArray judged = augment.apply(symmetric(decoded), draws.get());
            gan = GanLoss.generator(discriminator.forward(judged, false), GanLoss.Reduction.MEAN);
            AdaptiveWeight.Term real = AdaptiveWeight.Term.of(gan, decoded);
            AdaptiveWeight balanced =
                    AdaptiveWeight.of(faithful, real, decoded, lastLayer, config.maxDWeight(), config.discWeight());
            weight = balanced.weight();
            total = balanced.total();
        }
        tap.accept(Objective.TERM + "gan", gan);
        tap.accept(Objective.TERM + "adaptive_weight", weight);
        return total;
    }

    /**
     * The discriminator's loss of a batch, a scalar. Its buffers move twice, first for the reconstructions.
     *
     * @param decoded reconstructions {@code (B, 3, H, W)}, constants; they are rounded to bytes
     * @param images real images in [0, 1]
     * @param fakeDraws of the augmentation of the reconstructions
     * @param realDraws of the augmentation of the images
     * @param tap sees the terms
     */
    public NDArray discriminator(
            NDArray decoded,
            NDArray images,
            DiffAugment.Draws fakeDraws,
            DiffAugment.Draws realDraws,
            BiConsumer<String, NDArray> tap) {
        NDArray rounded = AdversarialKernels.discretise(symmetric(decoded));
        NDArray fake = discriminator.forward(augment.apply(rounded, fakeDraws), true);
        NDArray real = discriminator.forward(augment.apply(symmetric(images), realDraws), true);
        tap.accept(Objective.TERM + "logits_fake", fake.mean());
        tap.accept(Objective.TERM + "logits_real", real.mean());
        tap.accept(Objective.TERM + "disc_accuracy", GanLoss.accuracy(real, fake));
        return config.discLoss().discriminator(real, fake, GanLoss.Reduction.MEAN);
    }

    /** {@code [0, 1]} to {@code [-1, 1]}. */
    private static NDArray symmetric(NDArray images) {
        return Kernels.scale(images, 2).sub(1);
    }
}
