// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.Precision;
import ai.dsr.encoders.critic.DinoDiscriminator;
import ai.dsr.encoders.critic.Lpips;
import ai.dsr.encoders.critic.Vgg16Features;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loss.DiffAugment;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.AdversarialLoss;
import ai.dsr.train.task.DiscriminatorTask;
import ai.dsr.train.task.GanConfig;
import java.nio.file.Files;
import java.nio.file.Path;

/** What the section {@code gan} of a decoder's configuration asks for: the networks that judge images, and their training. */
final class AdversarialSetup {
    static final String SECTION = "gan";
    private static final String BACKBONE = "gan.disc.arch.dino_ckpt_path";
    private static final String PERCEPTUAL = "gan.loss.perceptual_path";

    private final Experiment experiment;
    private final TrainingConfig training;
    private final GanConfig config;

    private AdversarialSetup(Experiment experiment, TrainingConfig training, GanConfig config) {
        this.experiment = experiment;
        this.training = training;
        this.config = config;
    }

    /**
     * Checks the section and that the files it names are there.
     *
     * @return null if the configuration has no such section
     * @throws IllegalArgumentException naming what is missing or does not go together
     */
    static AdversarialSetup open(Experiment experiment, TrainingConfig training) {
        if (!experiment.has(SECTION)) {
            return null;
        }
        if (experiment.has("reconstruction")) {
            throw new IllegalArgumentException("reconstruction: expected none beside gan, which has the reconstruction"
                    + " terms L1 and LPIPS, got one; remove one of the two sections");
        }
        if (training.precision() == Precision.FP16) {
            throw new IllegalArgumentException(
                    "training.precision: expected fp32 or bf16 with gan, whose adaptive weight"
                            + " needs the gradients of single terms, got fp16");
        }
        GanConfig config = experiment.config().bind(SECTION, GanConfig.class);
        AdversarialSetup setup = new AdversarialSetup(experiment, training, config);
        if (config.loss().hasDiscriminator()) {
            setup.backbone();
        }
        if (config.loss().hasPerceptual()) {
            setup.perceptual();
            requireSide(experiment.data().imageSize());
        }
        return setup;
    }

    private static void requireSide(int side) {
        if (side < Vgg16Features.MIN_SIDE) {
            throw new IllegalArgumentException("data.image_size: expected at least " + Vgg16Features.MIN_SIDE
                    + " for LPIPS, got " + side + "; or set gan.loss.perceptual_weight to 0");
        }
    }

    private Path backbone() {
        return requireFile(
                BACKBONE,
                config.disc().arch().dinoCkptPath(),
                "weights of the DINO transformer " + config.disc().arch().recipe(),
                "download the backbone from https://github.com/facebookresearch/dino (ViT-S/8 is"
                        + " dino_deitsmall8_pretrain.pth), or set gan.loss.disc_weight to 0");
    }

    private Path perceptual() {
        return requireFile(
                PERCEPTUAL,
                config.loss().perceptualPath(),
                "weights of torchvision's VGG16",
                "download https://download.pytorch.org/models/vgg16-397923af.pth, or set"
                        + " gan.loss.perceptual_weight to 0");
    }

    private Path requireFile(String key, String path, String what, String remedy) {
        if (path == null || !Files.isRegularFile(experiment.resolve(path))) {
            throw new IllegalArgumentException(key + ": expected a file with " + what + ", got "
                    + (path == null ? "nothing" : path + ", which is none") + "; " + remedy);
        }
        return experiment.resolve(path);
    }

    /** The losses, with networks in {@code owner}; the same initial weights at each call. */
    AdversarialLoss loss(NDManager owner, int stepsPerEpoch) {
        DiffAugment augment = config.disc().augment();
        return new AdversarialLoss(
                config.loss(),
                stepsPerEpoch,
                config.loss().hasPerceptual() ? openPerceptual(owner) : null,
                config.loss().hasDiscriminator() ? openDiscriminator(owner) : null,
                augment == null ? DiffAugment.NONE : augment);
    }

    private Lpips openPerceptual(NDManager owner) {
        return Lpips.of(WeightFile.read(perceptual()), owner);
    }

    private DinoDiscriminator openDiscriminator(NDManager owner) {
        DinoDiscriminator discriminator = new DinoDiscriminator(config.disc().arch());
        discriminator.load(owner, WeightFile.read(backbone()));
        discriminator
                .heads()
                .initialize(owner, SeedTree.of(training.globalSeed()).child("discriminator"));
        return discriminator;
    }

    /** How the discriminator trains. */
    DiscriminatorTask.Turns turns(int stepsPerEpoch) {
        TrainingConfig own = config.disc().training(training);
        return new DiscriminatorTask.Turns(own, LrSchedule.of(own, stepsPerEpoch));
    }

    /** The same experiment with paths that lead to the networks from anywhere. */
    Experiment resolved(Experiment portable) {
        Experiment resolved = portable;
        if (config.loss().hasDiscriminator()) {
            resolved = resolved.withPath(BACKBONE, backbone().toAbsolutePath().normalize());
        }
        if (config.loss().hasPerceptual()) {
            resolved =
                    resolved.withPath(PERCEPTUAL, perceptual().toAbsolutePath().normalize());
        }
        return resolved;
    }
}
