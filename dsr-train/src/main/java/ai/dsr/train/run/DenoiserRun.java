// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.config.Config;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.dit.transport.Transport;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.train.data.EncodedData;
import ai.dsr.train.loop.TrainLoop;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.DenoiserTask;
import java.nio.file.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Training of a denoiser from a configuration with all sections of an experiment. */
public final class DenoiserRun {
    private static final Logger LOG = LoggerFactory.getLogger(DenoiserRun.class);

    /** Images of each class in a preview. */
    private static final int PREVIEW_EACH = 4;

    private DenoiserRun() {}

    /**
     * Trains; the run folder can then be sampled from.
     *
     * @return the last checkpoint
     */
    public static Path train(Experiment experiment, NDManager manager, boolean resume) {
        TrainingConfig training = experiment.config().bind("training", TrainingConfig.class);
        DiffusionTransformer model = new LightningDiT(experiment.denoiser());
        Transport transport = new Transport(experiment.transport());
        experiment.sampler();
        GuidanceConfig guidance = experiment.guidance();
        Path dir = RunFolder.check(experiment.run().dir(), resume);
        ImageDataset images = DataSets.open(experiment.data());
        requireClasses(experiment, images.classNames().size());
        EncodedData data = EncodedData.open(experiment, images, manager);
        initialize(experiment, manager, model, training.globalSeed());
        RAE rae = Stages.autoencoder(experiment, manager);
        LatentNormalizer normalizer = LatentNormalizer.of(
                manager, SafeTensors.read(data.statistics()), experiment.rae().eps());
        ClassToImage sampler = ClassToImage.of(experiment, data.images().classNames(), model, rae, manager);
        SampleRequest request = SampleRequest.ofAllClasses(model.numClasses(), PREVIEW_EACH, training.globalSeed());
        DenoiserTask task = new DenoiserTask(
                model,
                transport,
                data.training(normalizer),
                training.globalSeed(),
                file -> ImageCodec.writePng(
                        file,
                        LabelledGrid.of(
                                sampler.generate(request),
                                request,
                                data.images().classNames())));
        TrainLoop loop = new TrainLoop(manager, task, training, dir);
        describe(dir, experiment, training, data);
        if (resume) {
            LOG.info("resumed after step {}", loop.resume());
        }
        LOG.info(
                "training {} parameters on {} latents, guidance {}",
                model.parameterCount(),
                task.sampleCount(),
                guidance.scale());
        return loop.run(manager);
    }

    private static void requireClasses(Experiment experiment, int classes) {
        if (classes != experiment.misc().numClasses()) {
            throw new IllegalArgumentException("misc.num_classes: expected the number of classes of the data ("
                    + classes + "), got " + experiment.misc().numClasses());
        }
    }

    /** From the bundle of {@code run.init}, or from the seed. */
    private static void initialize(Experiment experiment, NDManager manager, DiffusionTransformer model, long seed) {
        String init = experiment.run().init();
        if (init == null) {
            model.initialize(manager, SeedTree.of(seed).child("denoiser"));
            return;
        }
        Experiment source = Bundle.open(experiment.resolve(init)).experiment();
        Path weights = source.resolve(source.denoiserWeights());
        model.load(manager, SafeTensors.read(weights), DiffusionTransformer::isDerived);
    }

    private static void describe(Path dir, Experiment experiment, TrainingConfig training, EncodedData data) {
        RAEConfig rae = experiment.rae();
        Config resolved = experiment
                .withPath(
                        "stage_1.params.normalization_stat_path",
                        data.statistics().toAbsolutePath().normalize())
                .withPath("stage_1.params.pretrained_decoder_path", experiment.absolute(rae.pretrainedDecoderPath()))
                .withPath("stage_1.params.encoder_config_path", experiment.absolute(rae.encoderConfigPath()))
                .config()
                .with("training", training);
        RunFolder.describe(
                dir,
                resolved,
                BundleManifest.of(
                        data.images().classNames(),
                        experiment.data().imageSize(),
                        Sha256.ofFile(Stages.encoderFile(experiment))));
    }
}
