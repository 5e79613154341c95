// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.data.DataConfig;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.transport.Transport;
import ai.dsr.encoders.rae.LatentCodec;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.data.EncodedData;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.TokenLoss;

/**
 * What the runs of all denoisers have in common, whatever the condition.
 *
 * @param experiment the configuration
 * @param training its section {@code training}
 * @param data encoded
 */
record DenoiserParts(Experiment experiment, TrainingConfig training, EncodedData data) {
    /**
     * Fails unless the latents of the data are those of the model.
     *
     * @throws IllegalArgumentException with both shapes
     */
    void requireSize() {
        Shape expected = experiment.denoiser().latentShape();
        if (!expected.equals(data.latents().sampleShape())) {
            throw new IllegalArgumentException("misc.latent_size: expected that of the data, "
                    + data.latents().sampleShape() + ", got " + expected);
        }
    }

    /** What previews are drawn with; null if nothing turns stored latents into pictures, and no previews are asked for. */
    LatentCodec codec(NDManager manager) {
        boolean isStored = experiment.data().type() == DataConfig.Type.LATENTS;
        if (isStored && training.sampleEvery() > 0) {
            throw new IllegalArgumentException("training.sample_every: expected 0 for stored latents, which nothing"
                    + " turns into pictures, got " + training.sampleEvery());
        }
        return isStored ? null : Stages.codec(resolved(), manager);
    }

    /** Gives a model its first weights: those of the bundle of {@code run.init}, or what the seed says. */
    void initialize(NDManager owner, Layer model) {
        String init = experiment.run().init();
        if (init == null) {
            model.initialize(owner, SeedTree.of(training.globalSeed()).child("denoiser"));
            return;
        }
        Experiment source = Bundle.open(experiment.resolve(init)).experiment();
        model.load(owner, SafeTensors.read(source.resolve(source.denoiserWeights())), DiffusionTransformer::isDerived);
    }

    /** Path, prediction and loss. */
    Transport transport() {
        return new Transport(experiment.transport());
    }

    /** The latents of some training samples, normalised. */
    LatentData latents(NDManager owner, int[] samples) {
        return data.training(
                data.normalizer(owner, isLatent() ? experiment.rae().eps() : 0), samples);
    }

    /** How tokens are weighted in the loss. */
    TokenLoss tokenLoss() {
        return new TokenLoss(
                training.tokenWeighting(), isLatent() && experiment.rae().postStatNorm());
    }

    private boolean isLatent() {
        return experiment.has("stage_1");
    }

    /** The configuration with paths that lead to the parts from anywhere. */
    Experiment resolved() {
        if (!isLatent()) {
            return experiment;
        }
        RAEConfig config = experiment.rae();
        Experiment found = experiment.guideWeights() == null
                ? experiment
                : experiment.withPath(Experiment.GUIDE + ".ckpt", experiment.absolute(experiment.guideWeights()));
        return Stages.withRegisterPlan(found, plan -> plan)
                .withPath(
                        "stage_1.params.normalization_stat_path",
                        data.statistics().toAbsolutePath().normalize())
                .withPath("stage_1.params.pretrained_decoder_path", experiment.absolute(config.pretrainedDecoderPath()))
                .withPath("stage_1.params.encoder_config_path", experiment.absolute(config.encoderConfigPath()));
    }

    /** Classes, size and, if there is one, the hash of the encoder. */
    BundleManifest manifest() {
        String encoder = isLatent() ? Stages.encoderSha256(experiment) : null;
        return BundleManifest.of(data.images().classNames(), experiment.data().imageSize(), encoder)
                .withInputs(data.hashes());
    }
}
