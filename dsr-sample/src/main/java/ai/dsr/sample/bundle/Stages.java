// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.bundle;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.text.TextConnector;
import ai.dsr.dit.text.TextToLatent;
import ai.dsr.encoders.rae.DecoderConfig;
import ai.dsr.encoders.rae.LatentCodec;
import ai.dsr.encoders.rae.LatentNormalizer;
import ai.dsr.encoders.rae.PixelCodec;
import ai.dsr.encoders.rae.RAE;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.encoders.register.RegisterParams;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.RegisterPlanFile;
import ai.dsr.encoders.register.TestTimeRegisters;
import ai.dsr.encoders.text.PretrainedTextEncoder;
import ai.dsr.encoders.text.TextEncoder;
import ai.dsr.encoders.text.TextEncoderConfig;
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.encoders.vit.VisionEncoder;
import ai.dsr.sample.config.Experiment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;

/** Builds the models of an experiment and loads their weights. */
public final class Stages {
    private static final String ENCODER_PARAMS = "stage_1.params.encoder_params.";

    private Stages() {}

    /** The encoder of {@code stage_1}, with test-time registers if it names a plan; {@code weights} owns it. */
    public static ViTEncoder encoder(Experiment experiment, NDManager weights) {
        RAEConfig config = experiment.rae();
        RegisterParams params = RegisterParams.of(config.encoderCls(), config.encoderParams());
        RegisterPlan plan = registerPlan(experiment);
        Path folder = experiment.resolve(config.encoderConfigPath());
        ViTEncoder encoder = EncoderCatalog.open(params.encoderCls(), folder, params.encoderParams(), weights);
        if (plan == null) {
            return encoder;
        }
        plan.requireFoundOn(SafeTensors.sha256OfFolder(folder));
        return TestTimeRegisters.of(encoder, plan);
    }

    /** The plan of test-time registers that {@code stage_1.params.encoder_params} names; null if it names none. */
    public static RegisterPlan registerPlan(Experiment experiment) {
        if (!experiment.has("stage_1")) {
            return null;
        }
        RAEConfig config = experiment.rae();
        String file =
                RegisterParams.of(config.encoderCls(), config.encoderParams()).planFile();
        return file == null ? null : RegisterPlanFile.read(experiment.resolve(file), experiment::resolve);
    }

    /** The same experiment with another path of its register plan; unchanged if it names none. */
    public static Experiment withRegisterPlan(Experiment experiment, UnaryOperator<Path> move) {
        RAEConfig config = experiment.rae();
        String file =
                RegisterParams.of(config.encoderCls(), config.encoderParams()).planFile();
        if (file == null) {
            return experiment;
        }
        Experiment portable = config.encoderParams().containsKey(RegisterParams.CONFIG_PATH)
                ? experiment.with(List.of(ENCODER_PARAMS + RegisterParams.CONFIG_PATH + "=null"))
                : experiment;
        return portable.withPath(ENCODER_PARAMS + RegisterParams.REGISTER_PLAN, move.apply(experiment.absolute(file)));
    }

    /** The folder of the encoder of {@code stage_1}. */
    public static Path encoderFolder(Experiment experiment) {
        return experiment.resolve(experiment.rae().encoderConfigPath());
    }

    /**
     * SHA-256 of the weights of the encoder of {@code stage_1}, in one file or in shards.
     *
     * @throws java.io.UncheckedIOException naming what cannot be read
     */
    public static String encoderSha256(Experiment experiment) {
        return SafeTensors.sha256OfFolder(encoderFolder(experiment));
    }

    /** A decoder of the right sizes for the encoder, without weights. */
    public static ViTDecoder decoder(Experiment experiment, VisionEncoder encoder) {
        RAEConfig config = experiment.rae();
        return new ViTDecoder(RAE.decoderConfig(config, encoder, decoderSizes(experiment, config)));
    }

    /** A decoder of the right sizes for latents of {@code misc.latent_size}, when there is no encoder at hand. */
    public static ViTDecoder decoder(Experiment experiment) {
        RAEConfig config = experiment.rae();
        List<Integer> latent = experiment.misc().latentSize();
        return new ViTDecoder(
                decoderSizes(experiment, config).fitted(latent.get(0), config.decoderPatchSize(), latent.get(1)));
    }

    /** The decoder's sizes as configured, before the encoder has its say. */
    static DecoderConfig decoderSizes(Experiment experiment, RAEConfig config) {
        if (config.decoder() != null) {
            return config.decoder();
        }
        if (config.decoderConfigPath() == null) {
            throw new IllegalArgumentException(
                    "stage_1.params.decoder: expected the decoder's sizes or decoder_config_path, got neither");
        }
        return DecoderConfig.of(
                HfConfig.read(experiment.resolve(config.decoderConfigPath()).resolve("config.json")));
    }

    /** The statistics of {@code normalization_stat_path}; none if it is absent. */
    public static LatentNormalizer normalizer(Experiment experiment, NDManager weights) {
        RAEConfig config = experiment.rae();
        if (config.normalizationStatPath() == null) {
            return LatentNormalizer.none();
        }
        Path file = requireFile("stage_1.params.normalization_stat_path", experiment, config.normalizationStatPath());
        return LatentNormalizer.of(weights, WeightFile.read(file), config.eps());
    }

    /**
     * What turns latents into pictures: the autoencoder of {@code stage_1}, or nothing but a change of range if there is
     * none, because the denoiser works on pixels.
     *
     * @throws IllegalArgumentException if there is none and the latents are no pixels
     */
    public static LatentCodec codec(Experiment experiment, NDManager weights) {
        if (experiment.has("stage_1")) {
            return autoencoder(experiment, weights);
        }
        List<Integer> latent = experiment.misc().latentSize();
        if (latent.get(0) != PixelCodec.CHANNELS) {
            throw new IllegalArgumentException("stage_1: expected an autoencoder for latents of " + latent
                    + ", got none; only a denoiser of pixels needs none");
        }
        return new PixelCodec();
    }

    /**
     * The complete autoencoder with its trained decoder.
     *
     * @throws IllegalArgumentException if a part is not configured, missing or does not fit
     */
    public static RAE autoencoder(Experiment experiment, NDManager weights) {
        VisionEncoder encoder = encoder(experiment, weights);
        ViTDecoder decoder = decoder(experiment, encoder);
        String path = experiment.rae().pretrainedDecoderPath();
        if (path == null) {
            throw new IllegalArgumentException(
                    "stage_1.params.pretrained_decoder_path: expected weights of the decoder, got nothing; "
                            + "run train-decoder first");
        }
        decoder.load(weights, WeightFile.read(requireFile("stage_1.params.pretrained_decoder_path", experiment, path)));
        return new RAE(experiment.rae(), encoder, normalizer(experiment, weights), decoder);
    }

    /** The denoiser of {@code stage_2} with the weights of {@code stage_2.ckpt}. */
    public static DiffusionTransformer denoiser(Experiment experiment, NDManager weights) {
        DiffusionTransformer model = experiment.denoiser();
        model.load(weights, WeightFile.read(denoiserFile(experiment)), DiffusionTransformer::isDerived);
        return model;
    }

    /** The text encoder of {@code text.encoder}. */
    public static TextEncoder textEncoder(Experiment experiment) {
        TextEncoderConfig config = experiment.text().encoder();
        return PretrainedTextEncoder.open(config, config.path() == null ? null : experiment.resolve(config.path()));
    }

    /** The text-conditional denoiser of {@code stage_2} with its connector for an encoder, without weights. */
    public static TextToLatent textToLatent(Experiment experiment, TextEncoder encoder) {
        TextDiT denoiser = experiment.textDenoiser();
        TextConnector connector = new TextConnector(
                experiment.text().connector(),
                encoder.width(),
                encoder.pooledWidth(),
                denoiser.config().zChannels());
        return new TextToLatent(connector, denoiser);
    }

    /** The same with the weights of {@code stage_2.ckpt}. */
    public static TextToLatent textToLatent(Experiment experiment, TextEncoder encoder, NDManager weights) {
        TextToLatent model = textToLatent(experiment, encoder);
        model.load(weights, WeightFile.read(denoiserFile(experiment)), name -> false);
        return model;
    }

    private static Path denoiserFile(Experiment experiment) {
        return requireWeights("stage_2.ckpt", "the denoiser", experiment, experiment.denoiserWeights());
    }

    /**
     * The worse model of autoguidance, {@code guidance.guidance_model}, with its weights.
     *
     * @throws IllegalArgumentException if there is no such section, or no weights
     */
    public static DiffusionTransformer guide(Experiment experiment, NDManager weights) {
        Path file = guideFile(experiment);
        DiffusionTransformer guide = experiment.guide();
        guide.load(weights, WeightFile.read(file), DiffusionTransformer::isDerived);
        return guide;
    }

    /**
     * The weights file of {@link #guide}.
     *
     * @throws IllegalArgumentException if there is none
     */
    public static Path guideFile(Experiment experiment) {
        if (!experiment.has(Experiment.GUIDE)) {
            throw new IllegalArgumentException("guidance.guidance_model: expected the worse model of autoguidance with"
                    + " target, params and ckpt, got none; add it or use method cfg");
        }
        return requireWeights(Experiment.GUIDE + ".ckpt", "the guide", experiment, experiment.guideWeights());
    }

    private static Path requireWeights(String key, String owner, Experiment experiment, String path) {
        if (path == null) {
            throw new IllegalArgumentException(key + ": expected weights of " + owner + ", got nothing");
        }
        return requireFile(key, experiment, path);
    }

    private static Path requireFile(String key, Experiment experiment, String path) {
        Path file = WeightFile.locate(experiment.resolve(path)); // a folder of checkpoints stands for the last of them
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(key + ": expected a file, got " + path + ", which is not there");
        }
        return file;
    }
}
