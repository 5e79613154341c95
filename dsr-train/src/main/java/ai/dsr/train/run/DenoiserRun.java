// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.encoders.rae.LatentCodec;
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
    private final DenoiserParts parts;
    private final LatentCodec codec;
    private final List<TrainHook> hooks;
    private DiffusionTransformer leader; // the replica that is evaluated: the first one made

    private DenoiserRun(DenoiserParts parts, NDManager manager) {
        this.parts = parts;
        this.manager = manager;
        experiment = parts.experiment();
        training = parts.training();
        data = parts.data();
        codec = parts.codec(manager);
        parts.requireSize();
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
        return new DenoiserRun(new DenoiserParts(experiment, training, data), manager);
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
        parts.initialize(owner, model);
        model.setPrecision(training.precision());
        return DenoiserTask.ofClasses(
                        model,
                        parts.transport(),
                        parts.latents(owner, data.trainSamples()),
                        training.globalSeed(),
                        previews(model))
                .withTokenLoss(parts.tokenLoss());
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
        return parts.resolved();
    }

    @Override
    public BundleManifest manifest() {
        return parts.manifest();
    }
}
