// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.Precision;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.encoders.vit.VisionEncoder;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.EvaluationConfig;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.images.ImageQuality;
import ai.dsr.sample.images.ImageSource;
import ai.dsr.sample.images.Images;
import ai.dsr.sample.pipeline.Reconstruct;
import ai.dsr.train.data.EncodedData;
import ai.dsr.train.loop.TrainHook;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.loss.ReconstructionLoss;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.CachedInputs;
import ai.dsr.train.task.DecoderTask;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Training of the decoder from a configuration with sections run, data, stage_1, training and either reconstruction or
 * gan.
 */
public final class DecoderRun implements TrainingJob {
    private static final Logger LOG = LoggerFactory.getLogger(DecoderRun.class);

    /** Images in the preview, and in the quality figure that goes with it. */
    private static final int PREVIEW_IMAGES = 16;

    /** The trained decoder in the folder of a finished run. */
    public static final String DECODER = "decoder.safetensors";

    private static final String STATISTICS = "statistics.safetensors";

    private final Experiment experiment;
    private final TrainingConfig training;
    private final NDManager manager;
    private final EncodedData data;
    private final ReconstructionLoss loss;
    private final AdversarialSetup adversarial; // null: the loss above
    private final StateDict initial; // null: initial values of the seed
    private final List<TrainHook> hooks;
    private RAE leader; // the replica that is evaluated: the first one made

    private DecoderRun(
            Experiment experiment,
            TrainingConfig training,
            NDManager manager,
            EncodedData data,
            ReconstructionLoss loss,
            AdversarialSetup adversarial,
            StateDict initial) {
        this.experiment = experiment;
        this.training = training;
        this.manager = manager;
        this.data = data;
        this.loss = loss;
        this.adversarial = adversarial;
        this.initial = initial;
        hooks = EvaluationHook.ofReconstructions(experiment, manager, this::drawArchive);
    }

    /**
     * Opens the data, encoding what has not been. The decoder starts from the weights of {@code pretrained_decoder_path},
     * if there is one, else from the seed. A finished run leaves {@code decoder.safetensors} (averaged weights)
     * and {@code statistics.safetensors}.
     */
    public static DecoderRun open(Experiment experiment, TrainingConfig training, NDManager manager) {
        if (training.tokenWeighting().isActive()) {
            throw new IllegalArgumentException("training: expected no outlier_token_norm and no token_norm_shift for a "
                    + "decoder, got " + training.tokenWeighting() + "; they weight the loss of a denoiser");
        }
        if (training.checkpointSegments() > 0) {
            throw new IllegalArgumentException("training.checkpoint_segments: expected 0 for a decoder, got "
                    + training.checkpointSegments() + "; only denoisers compute activations twice");
        }
        ReconstructionLoss loss =
                experiment.config().bind("reconstruction", ReconstructionLoss.class, new ReconstructionLoss(1));
        AdversarialSetup adversarial = AdversarialSetup.open(experiment, training);
        StateDict initial = Stages.decoderWeights(experiment);
        EncodedData data = EncodedData.open(experiment, manager);
        return new DecoderRun(experiment, training, manager, data, loss, adversarial, initial);
    }

    @Override
    public TrainTask task(NDManager owner) {
        VisionEncoder encoder = Stages.encoder(experiment, owner);
        ViTDecoder decoder = Stages.decoder(experiment, encoder);
        if (initial == null) {
            decoder.initialize(owner, SeedTree.of(training.globalSeed()).child("decoder"));
        } else {
            decoder.load(owner, initial);
        }
        decoder.setPrecision(training.precision());
        LatentNormalizer normalizer = LatentNormalizer.of(
                owner, SafeTensors.read(data.statistics()), experiment.rae().eps());
        RAE rae = new RAE(experiment.rae(), encoder, normalizer, decoder);
        leader = leader == null ? rae : leader;
        CachedInputs inputs = new CachedInputs(rae, data.training(normalizer), data.images(), training.globalSeed());
        if (adversarial == null) {
            return DecoderTask.reconstruction(rae, inputs, loss, file -> preview(rae, file));
        }
        int stepsPerEpoch = Math.max(inputs.size() / training.globalBatchSize(), 1);
        return DecoderTask.adversarial(
                rae,
                inputs,
                adversarial.loss(owner, stepsPerEpoch),
                adversarial.turns(stepsPerEpoch),
                file -> preview(rae, file));
    }

    @Override
    public List<TrainHook> hooks() {
        return hooks;
    }

    private void drawArchive(Path target, String weights) {
        EvaluationConfig config = experiment.evaluation();
        ImageSource images = EvaluationHook.images(experiment, config).limit(config.numSamples());
        leader.decoder().setPrecision(Precision.FP32); // as the finished decoder will be used
        try {
            Reconstruct.toArchive(leader, images, target, manager, Progress.silent());
        } finally {
            leader.decoder().setPrecision(training.precision());
        }
    }

    @Override
    public BundleManifest manifest() {
        return BundleManifest.of(
                        data.images().classNames(), experiment.data().imageSize(), Stages.encoderSha256(experiment))
                .withInputs(data.hashes());
    }

    /** The finished run opens as an autoencoder from its own folder. */
    @Override
    public Experiment resolved() {
        Experiment portable = Stages.withRegisterPlan(experiment, plan -> plan);
        return (adversarial == null ? portable : adversarial.resolved(portable))
                .withPath(
                        "stage_1.params.encoder_config_path",
                        experiment.absolute(experiment.rae().encoderConfigPath()))
                .withPath("stage_1.params.pretrained_decoder_path", Path.of(DECODER))
                .withPath("stage_1.params.normalization_stat_path", Path.of(STATISTICS));
    }

    @Override
    public void finish(TrainTask task, TrainState state, Path dir) {
        SafeTensors.writeArrays(dir.resolve(DECODER), state.averageByName(), Map.of());
        AtomicFiles.copy(data.statistics(), dir.resolve(STATISTICS));
        state.withAverage(() -> task.preview(dir.resolve("reconstructions.png")));
    }

    /** Held-out images, or training images where none are held out, above their reconstructions. */
    private void preview(RAE rae, Path file) {
        int[] source = data.heldOutSamples().length > 0 ? data.heldOutSamples() : data.trainSamples();
        int[] samples = Arrays.copyOf(source, Math.min(PREVIEW_IMAGES, source.length));
        try (NDManager scope = manager.newSubManager()) {
            NDArray images = Images.toTensor(scope, data.images(), samples);
            NDArray latents = rae.normalizer().normalize(data.latents().gather(scope, samples));
            NDArray decoded = rae.decode(latents);
            LOG.info(
                    "reconstruction of {} {} images: {} dB PSNR",
                    samples.length,
                    data.heldOutSamples().length > 0 ? "held-out" : "training",
                    String.format(Locale.ROOT, "%.2f", ImageQuality.psnr(decoded, images)));
            ImageCodec.writePng(file, Reconstruct.sheet(Images.toImages(images), Images.toImages(decoded)));
        }
    }
}
