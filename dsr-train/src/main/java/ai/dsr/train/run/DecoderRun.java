// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.config.Config;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.encoders.vit.VisionEncoder;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.ImageQuality;
import ai.dsr.sample.pipeline.Images;
import ai.dsr.sample.pipeline.Reconstruct;
import ai.dsr.train.data.EncodedData;
import ai.dsr.train.loop.TrainLoop;
import ai.dsr.train.loss.ReconstructionLoss;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.DecoderTask;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Training of the decoder from a configuration with sections run, data, stage_1, training and reconstruction. */
public final class DecoderRun {
    private static final Logger LOG = LoggerFactory.getLogger(DecoderRun.class);

    /** Images in the preview, and in the quality figure that goes with it. */
    private static final int PREVIEW_IMAGES = 16;

    private static final String DECODER = "decoder.safetensors";
    private static final String STATISTICS = "statistics.safetensors";

    private final Experiment experiment;
    private final NDManager manager;
    private final EncodedData data;
    private final RAE rae;

    private DecoderRun(Experiment experiment, NDManager manager, EncodedData data) {
        this.experiment = experiment;
        this.manager = manager;
        this.data = data;
        VisionEncoder encoder = Stages.encoder(experiment, manager);
        ViTDecoder decoder = Stages.decoder(experiment, encoder);
        TrainingConfig training = training();
        decoder.initialize(manager, SeedTree.of(training.globalSeed()).child("decoder"));
        LatentNormalizer normalizer = LatentNormalizer.of(
                manager, SafeTensors.read(data.statistics()), experiment.rae().eps());
        rae = new RAE(experiment.rae(), encoder, normalizer, decoder);
    }

    private TrainingConfig training() {
        return experiment.config().bind("training", TrainingConfig.class);
    }

    /**
     * Trains and writes {@code decoder.safetensors} (averaged weights) and {@code statistics.safetensors}.
     *
     * @return the decoder's file
     */
    public static Path train(Experiment experiment, NDManager manager, boolean resume) {
        Path dir = RunFolder.check(experiment.run().dir(), resume);
        EncodedData data = EncodedData.open(experiment, manager);
        return new DecoderRun(experiment, manager, data).run(dir, resume);
    }

    private Path run(Path dir, boolean resume) {
        TrainingConfig training = training();
        ReconstructionLoss loss =
                experiment.config().bind("reconstruction", ReconstructionLoss.class, new ReconstructionLoss(1));
        DecoderTask task = new DecoderTask(
                rae,
                data.training(rae.normalizer()),
                data.images(),
                loss,
                experiment.rae().noise(),
                training.globalSeed(),
                this::preview);
        TrainLoop loop = new TrainLoop(manager, task, training, dir);
        RunFolder.describe(
                dir,
                described(training),
                BundleManifest.of(
                        data.images().classNames(),
                        experiment.data().imageSize(),
                        Sha256.ofFile(Stages.encoderFile(experiment))));
        if (resume) {
            LOG.info("resumed after step {}", loop.resume());
        }
        loop.run(manager);
        Path file = dir.resolve(DECODER);
        SafeTensors.writeArrays(file, loop.state().averageByName(), Map.of());
        AtomicFiles.copy(data.statistics(), dir.resolve(STATISTICS));
        loop.state().withAverage(() -> preview(dir.resolve("reconstructions.png")));
        return file;
    }

    /** The configuration, such that the finished run opens as an autoencoder from its own folder. */
    private Config described(TrainingConfig training) {
        return experiment
                .withPath(
                        "stage_1.params.encoder_config_path",
                        experiment.absolute(experiment.rae().encoderConfigPath()))
                .withPath("stage_1.params.pretrained_decoder_path", Path.of(DECODER))
                .withPath("stage_1.params.normalization_stat_path", Path.of(STATISTICS))
                .config()
                .with("training", training);
    }

    /** Held-out images, or training images where none are held out, above their reconstructions. */
    private void preview(Path file) {
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
