// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.HeldOutPairs;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.text.TextToLatent;
import ai.dsr.dit.transport.Transport;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.text.TextEncoder;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.config.TextConfig;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import ai.dsr.train.data.EncodedData;
import ai.dsr.train.data.LatentData;
import ai.dsr.train.data.TextData;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.DenoiserTask;
import ai.dsr.train.task.TokenLoss;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Training of a text-conditional denoiser and its connector, from a configuration with a section {@code text}. */
public final class TextDenoiserRun implements TrainingJob {
    private static final Logger LOG = LoggerFactory.getLogger(TextDenoiserRun.class);

    /** Captions of the data that a preview shows where the configuration names no prompts. */
    private static final int PREVIEW_CAPTIONS = 8;

    private final Experiment experiment;
    private final TrainingConfig training;
    private final NDManager manager;
    private final EncodedData data;
    private final int[] trainSamples;
    private final RAE rae;
    private final TextEncoder encoder;
    private final TextData text;

    private TextDenoiserRun(
            Experiment experiment, TrainingConfig training, NDManager manager, EncodedData data, TextEncoder encoder) {
        this.experiment = experiment;
        this.training = training;
        this.manager = manager;
        this.data = data;
        this.encoder = encoder;
        TextConfig config = experiment.text();
        HeldOutPairs pairs = HeldOutPairs.of(data.images(), config.heldOutPairs());
        trainSamples = pairs.without(data.trainSamples());
        text = TextData.open(
                experiment.data().cache(),
                data.images(),
                trainSamples,
                config.captionTemplates(),
                encoder.fingerprint(),
                () -> Stages.textEncoder(experiment));
        LOG.info(
                "{} training images, {} of held-out combinations of object and style, {} captions",
                trainSamples.length,
                pairs.indices().size(),
                text.captionCount());
        rae = Stages.autoencoder(experiment, manager);
    }

    /** Opens images and captions, encoding what has not been; the run folder can later be sampled from. */
    public static TextDenoiserRun open(Experiment experiment, TrainingConfig training, NDManager manager) {
        experiment.textDenoiser();
        experiment.transport();
        experiment.sampler();
        experiment.guidance();
        ImageDataset images = DataSets.open(experiment.data());
        EncodedData data = EncodedData.open(experiment, images, manager);
        return new TextDenoiserRun(experiment, training, manager, data, Stages.textEncoder(experiment));
    }

    @Override
    public TrainTask task(NDManager owner) {
        TextToLatent model = Stages.textToLatent(experiment, encoder);
        initialize(owner, model);
        LatentNormalizer normalizer = LatentNormalizer.of(
                owner, SafeTensors.read(data.statistics()), experiment.rae().eps());
        LatentData latents = data.training(normalizer, trainSamples);
        model.setPrecision(training.precision());
        return DenoiserTask.ofCaptions(
                        model,
                        new Transport(experiment.transport()),
                        latents,
                        text,
                        training.globalSeed(),
                        previews(model))
                .withTokenLoss(new TokenLoss(
                        training.tokenWeighting(), experiment.rae().postStatNorm()));
    }

    /** From the bundle of {@code run.init}, or from the seed. */
    private void initialize(NDManager owner, TextToLatent model) {
        String init = experiment.run().init();
        if (init == null) {
            model.initialize(owner, SeedTree.of(training.globalSeed()).child("denoiser"));
            return;
        }
        Experiment source = Bundle.open(experiment.resolve(init)).experiment();
        model.load(owner, SafeTensors.read(source.resolve(source.denoiserWeights())));
    }

    private Consumer<Path> previews(TextToLatent model) {
        TextToImage pipeline = TextToImage.of(resolved(), encoder, model, rae, manager);
        int each = experiment.text().previewEach();
        List<String> prompts = previewPrompts();
        return file -> {
            List<RgbImage> images = new ArrayList<>();
            List<String> labels = new ArrayList<>();
            for (String prompt : prompts) {
                images.addAll(pipeline.generate(TextRequest.of(prompt, each, training.globalSeed())));
                for (int i = 0; i < each; i++) {
                    labels.add(prompt);
                }
            }
            ImageCodec.writePng(file, LabelledGrid.of(images, labels));
        };
    }

    private List<String> previewPrompts() {
        List<String> given = experiment.text().previewPrompts();
        if (!given.isEmpty()) {
            return given;
        }
        List<String> captions = new ArrayList<>();
        int count = Math.min(PREVIEW_CAPTIONS, trainSamples.length);
        for (int i = 0; i < count; i++) {
            captions.add(data.images().caption(trainSamples[(int) ((long) i * trainSamples.length / count)]));
        }
        return captions;
    }

    @Override
    public Experiment resolved() {
        Experiment resolved = DenoiserRun.resolved(experiment, data);
        String folder = experiment.text().encoder().path();
        return folder == null ? resolved : resolved.withPath("text.encoder.path", experiment.absolute(folder));
    }

    @Override
    public BundleManifest manifest() {
        return DenoiserRun.manifest(experiment, data).withTextEncoder(encoder.fingerprint());
    }

    @Override
    public void finish(TrainTask task, TrainState state, Path runFolder) {
        encoder.close();
    }
}
