// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.data.DataConfig;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.transport.Transport;
import ai.dsr.encoders.rae.LatentCodec;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.EvaluationConfig;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.BulkPlan;
import ai.dsr.sample.pipeline.BulkSampler;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.train.data.EncodedData;
import ai.dsr.train.loop.TrainHook;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.DenoiserTask;
import ai.dsr.train.task.TokenLoss;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Consumer;

/** Training of a denoiser from a configuration with all sections of an experiment. */
public final class DenoiserRun implements TrainingJob {
    /** Images of each class in a preview. */
    private static final int PREVIEW_EACH = 4;

    private final Experiment experiment;
    private final TrainingConfig training;
    private final NDManager manager;
    private final EncodedData data;
    private final LatentCodec codec;
    private final List<TrainHook> hooks;
    private DiffusionTransformer leader; // the replica that is evaluated: the first one made

    private DenoiserRun(
            Experiment experiment, TrainingConfig training, NDManager manager, EncodedData data, LatentCodec codec) {
        this.experiment = experiment;
        this.training = training;
        this.manager = manager;
        this.data = data;
        this.codec = codec;
        hooks = EvaluationHook.ofSamples(experiment, manager, this::drawArchive);
    }

    /** Opens the data, encoding what has not been; the run folder can later be sampled from. */
    public static DenoiserRun open(Experiment experiment, TrainingConfig training, NDManager manager) {
        ClassLabels.of(experiment.denoiser());
        experiment.transport();
        experiment.sampler();
        GuidanceConfig guidance = experiment.guidance();
        if (guidance.isActive() && guidance.method() == GuidanceMethod.AUTOGUIDANCE) {
            Stages.guideFile(experiment); // previews need it
            experiment.guide();
        }
        ImageDataset images = EncodedData.samples(experiment);
        requireClasses(experiment, images.classNames().size());
        EncodedData data = EncodedData.open(experiment, images, manager);
        LatentCodec codec = codec(resolved(experiment, data), training, manager);
        requireSize(experiment, data);
        return new DenoiserRun(experiment, training, manager, data, codec);
    }

    private static void requireSize(Experiment experiment, EncodedData data) {
        Shape expected = experiment.denoiser().latentShape();
        if (!expected.equals(data.latents().sampleShape())) {
            throw new IllegalArgumentException("misc.latent_size: expected that of the data, "
                    + data.latents().sampleShape() + ", got " + expected);
        }
    }

    /** What previews are drawn with; null if nothing turns stored latents into pictures, and no previews are asked for. */
    private static LatentCodec codec(Experiment experiment, TrainingConfig training, NDManager manager) {
        boolean isStored = experiment.data().type() == DataConfig.Type.LATENTS;
        if (isStored && training.sampleEvery() > 0) {
            throw new IllegalArgumentException("training.sample_every: expected 0 for stored latents, which nothing"
                    + " turns into pictures, got " + training.sampleEvery());
        }
        return isStored ? null : Stages.codec(experiment, manager);
    }

    private static void requireClasses(Experiment experiment, int classes) {
        if (classes != experiment.misc().numClasses()) {
            throw new IllegalArgumentException("misc.num_classes: expected the number of classes of the data ("
                    + classes + "), got " + experiment.misc().numClasses());
        }
    }

    @Override
    public TrainTask task(NDManager owner) {
        DiffusionTransformer model = experiment.denoiser();
        model.setCheckpointSegments(training.checkpointSegments());
        leader = leader == null ? model : leader;
        initialize(owner, model);
        model.setPrecision(training.precision());
        boolean isLatent = experiment.has("stage_1");
        LatentNormalizer normalizer =
                data.normalizer(owner, isLatent ? experiment.rae().eps() : 0);
        return DenoiserTask.ofClasses(
                        model,
                        new Transport(experiment.transport()),
                        data.training(normalizer),
                        training.globalSeed(),
                        previews(model))
                .withTokenLoss(new TokenLoss(
                        training.tokenWeighting(), isLatent && experiment.rae().postStatNorm()));
    }

    /** From the bundle of {@code run.init}, or from the seed. */
    private void initialize(NDManager owner, DiffusionTransformer model) {
        String init = experiment.run().init();
        if (init == null) {
            model.initialize(owner, SeedTree.of(training.globalSeed()).child("denoiser"));
            return;
        }
        Experiment source = Bundle.open(experiment.resolve(init)).experiment();
        Path weights = source.resolve(source.denoiserWeights());
        model.load(owner, SafeTensors.read(weights), DiffusionTransformer::isDerived);
    }

    private Consumer<Path> previews(DiffusionTransformer model) {
        if (codec == null) {
            return file -> {};
        }
        List<String> classes = data.images().classNames();
        ClassToImage sampler = ClassToImage.of(experiment, classes, model, codec, manager);
        int count = ClassLabels.of(model).numClasses();
        SampleRequest request = SampleRequest.ofAllClasses(count, PREVIEW_EACH, training.globalSeed());
        return file -> ImageCodec.writePng(file, LabelledGrid.of(sampler.generate(request), request, classes));
    }

    @Override
    public List<TrainHook> hooks() {
        return hooks;
    }

    private void drawArchive(Path target, String weights) {
        EvaluationConfig config = experiment.evaluation();
        List<String> classes = data.images().classNames();
        BulkPlan plan = new BulkPlan(
                weights,
                classes.size(),
                config.numSamples(),
                config.labels(),
                config.seed(),
                experiment.sampler(),
                experiment.guidance());
        leader.setPrecision(Precision.FP32); // as the finished model will be sampled
        try {
            new BulkSampler(plan, target, experiment.data().imageSize())
                    .run(() -> ClassToImage.of(experiment, classes, leader, codec, manager), 1, done -> {});
        } finally {
            leader.setPrecision(training.precision());
        }
    }

    @Override
    public Experiment resolved() {
        return resolved(experiment, data);
    }

    @Override
    public BundleManifest manifest() {
        return manifest(experiment, data);
    }

    /** The configuration with paths that lead to the parts from anywhere. */
    static Experiment resolved(Experiment experiment, EncodedData data) {
        if (!experiment.has("stage_1")) {
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
    static BundleManifest manifest(Experiment experiment, EncodedData data) {
        String encoder = experiment.has("stage_1") ? Stages.encoderSha256(experiment) : null;
        return BundleManifest.of(data.images().classNames(), experiment.data().imageSize(), encoder)
                .withInputs(data.hashes());
    }
}
