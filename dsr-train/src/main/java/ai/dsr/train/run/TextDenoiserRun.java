// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.DataConfig;
import ai.dsr.core.data.DataSets;
import ai.dsr.core.data.HeldOutPairs;
import ai.dsr.core.data.ImageDataset;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.StateDict;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.text.TextToLatent;
import ai.dsr.encoders.rae.LatentCodec;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.config.TextConfig;
import ai.dsr.sample.pipeline.LabelledGrid;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import ai.dsr.sample.text.CaptionReader;
import ai.dsr.train.data.EncodedData;
import ai.dsr.train.data.TextData;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.DenoiserTask;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Training of a denoiser with what reads captions for it, from a configuration with a section {@code text}. */
public final class TextDenoiserRun implements TrainingJob {
    private static final Logger LOG = LoggerFactory.getLogger(TextDenoiserRun.class);

    /** Captions of the data that a preview shows where the configuration names no prompts. */
    private static final int PREVIEW_CAPTIONS = 8;

    private final Experiment experiment;
    private final TrainingConfig training;
    private final NDManager manager;
    private final EncodedData data;
    private final DenoiserParts parts;
    private final int[] trainSamples;
    private final LatentCodec codec;
    private final CaptionReader reader;
    private final TextData text;

    private TextDenoiserRun(DenoiserParts parts, NDManager manager, CaptionReader reader) {
        this.parts = parts;
        this.manager = manager;
        this.reader = reader;
        experiment = parts.experiment();
        training = parts.training();
        data = parts.data();
        TextConfig config = experiment.text();
        HeldOutPairs pairs = HeldOutPairs.of(data.images(), config.heldOutPairs());
        trainSamples = pairs.without(data.trainSamples());
        text = TextData.open(experiment.data().cache(), data.images(), trainSamples, config.captionTemplates(), reader);
        LOG.info(
                "{} training images, {} of held-out combinations of object and style, {} captions",
                trainSamples.length,
                pairs.indices().size(),
                text.captionCount());
        codec = parts.codec(manager);
        parts.requireSize();
    }

    /** Opens images and captions, encoding what has not been; the run folder can later be sampled from. */
    public static TextDenoiserRun open(Experiment experiment, TrainingConfig training, NDManager manager) {
        experiment.textDenoiser();
        experiment.transport();
        experiment.sampler();
        requireSupported(experiment);
        CaptionReader reader = Stages.captionReader(experiment);
        TextToLatent model = Stages.textToLatent(experiment, reader); // names what does not fit before data is encoded
        StateDict head = Stages.conditionerHead(experiment);
        if (head != null) {
            head.requireExactly(model.reader().shapes());
        }
        ImageDataset images = DataSets.open(experiment.data());
        EncodedData data = EncodedData.open(experiment, images, manager);
        return new TextDenoiserRun(new DenoiserParts(experiment, training, data), manager, reader);
    }

    /** What runs by classes can do and runs by captions cannot is refused, not left out. */
    private static void requireSupported(Experiment experiment) {
        if (experiment.data().type() == DataConfig.Type.LATENTS) {
            throw new IllegalArgumentException(
                    "data.type: expected images with captions for a text-to-image model, got latents");
        }
        GuidanceConfig guidance = experiment.guidance();
        if (guidance.isActive() && guidance.method() == GuidanceMethod.AUTOGUIDANCE) {
            throw new IllegalArgumentException("guidance.method: expected cfg for text-to-image, got autoguidance");
        }
        if (experiment.has("eval") && experiment.evaluation().evalInterval() > 0) {
            throw new IllegalArgumentException("eval.eval_interval: expected 0 for text-to-image, which the command"
                    + " retrieval measures, got " + experiment.evaluation().evalInterval());
        }
    }

    @Override
    public TrainTask task(NDManager owner) {
        TextToLatent model = Stages.textToLatent(experiment, reader);
        model.setCheckpointSegments(training.checkpointSegments());
        initialize(owner, model);
        model.setPrecision(training.precision());
        return DenoiserTask.ofCaptions(
                        model,
                        parts.transport(),
                        parts.latents(owner, trainSamples),
                        text,
                        training.globalSeed(),
                        previews(model))
                .withTokenLoss(parts.tokenLoss());
    }

    /** What trains, from a trained head if one is named; and what does not. */
    private void initialize(NDManager owner, TextToLatent model) {
        parts.initialize(owner, model);
        StateDict head = experiment.run().init() == null ? Stages.conditionerHead(experiment) : null;
        if (head != null) {
            Collection<NDArray> fresh = model.reader().arrays().values();
            model.reader().load(owner, head);
            fresh.forEach(NDArray::close);
        }
        Stages.loadFrozen(experiment, model, owner);
    }

    private Consumer<Path> previews(TextToLatent model) {
        TextToImage pipeline = TextToImage.of(resolved(), reader, model, codec, manager);
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
        Experiment resolved = parts.resolved();
        TextConfig config = experiment.text();
        String section = config.frozenSection();
        if (config.frozenPath() == null) {
            return resolved;
        }
        Experiment found = resolved.withPath(section + ".path", experiment.absolute(config.frozenPath()));
        String head = config.hasConditioner() ? config.conditioner().headPath() : null;
        return head == null ? found : found.withPath(section + ".head_path", experiment.absolute(head));
    }

    @Override
    public BundleManifest manifest() {
        return parts.manifest().withTextEncoder(reader.fingerprint());
    }

    @Override
    public void finish(TrainTask task, TrainState state, Path runFolder) {
        reader.close();
    }
}
