// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.bundle;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.model.TextDiTConfig;
import ai.dsr.dit.text.Conditioner;
import ai.dsr.dit.text.Qwen2;
import ai.dsr.dit.text.Qwen2Config;
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
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.encoders.vit.VisionEncoder;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.config.TextConfig;
import ai.dsr.sample.text.CaptionReader;
import ai.dsr.sample.text.StatesReader;
import ai.dsr.sample.text.TokenReader;
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
        StateDict trained = decoderWeights(experiment);
        if (trained == null) {
            throw new IllegalArgumentException(
                    "stage_1.params.pretrained_decoder_path: expected weights of the decoder, got nothing; "
                            + "run train-decoder first");
        }
        decoder.load(weights, trained);
        return new RAE(experiment.rae(), encoder, normalizer(experiment, weights), decoder);
    }

    /**
     * The weights that {@code stage_1.params.pretrained_decoder_path} names; null if it names none.
     *
     * @throws IllegalArgumentException if the file is missing
     */
    public static StateDict decoderWeights(Experiment experiment) {
        String path = experiment.rae().pretrainedDecoderPath();
        return path == null
                ? null
                : WeightFile.read(requireFile("stage_1.params.pretrained_decoder_path", experiment, path));
    }

    /** The denoiser of {@code stage_2} with the weights of {@code stage_2.ckpt}. */
    public static DiffusionTransformer denoiser(Experiment experiment, NDManager weights) {
        DiffusionTransformer model = experiment.denoiser();
        model.load(weights, WeightFile.read(denoiserFile(experiment)), DiffusionTransformer::isDerived);
        return model;
    }

    /** The text-conditional denoiser of {@code stage_2} without what reads captions, with its part of the weights. */
    public static TextDiT textDenoiser(Experiment experiment, NDManager weights) {
        TextDiT model = experiment.textDenoiser();
        model.load(weights, WeightFile.read(denoiserFile(experiment)).under(TextToLatent.DENOISER + "."));
        return model;
    }

    /** What reads captions: the text encoder of {@code text.encoder}, or the tokenizer of {@code text.conditioner}. */
    public static CaptionReader captionReader(Experiment experiment) {
        TextConfig text = experiment.text();
        Path folder = text.frozenPath() == null ? null : experiment.resolve(text.frozenPath());
        return text.hasConditioner()
                ? TokenReader.open(text.conditioner(), folder)
                : new StatesReader(PretrainedTextEncoder.open(text.encoder(), folder));
    }

    /** The text-conditional denoiser of {@code stage_2} with what makes its condition rows, without weights. */
    public static TextToLatent textToLatent(Experiment experiment, CaptionReader reader) {
        TextDiT denoiser = experiment.textDenoiser();
        if (reader instanceof TokenReader tokens) {
            return new TextToLatent(conditioner(experiment, tokens.language(), denoiser.config()), denoiser);
        }
        TextEncoder encoder = ((StatesReader) reader).encoder();
        TextConnector connector = new TextConnector(
                experiment.text().connector(),
                encoder.width(),
                encoder.pooledWidth(),
                denoiser.config().zChannels());
        return new TextToLatent(connector, denoiser);
    }

    /** The queries and projection of {@code text.conditioner} on a language model of these sizes, without weights. */
    public static Conditioner conditioner(Experiment experiment, Qwen2Config language, TextDiTConfig denoiser) {
        TextConfig text = experiment.text();
        int width = denoiser.zChannels();
        if (!text.conditioner().projector() && width != language.hiddenSize()) {
            throw new IllegalArgumentException("stage_2.params.z_channels: expected the width of the language model ("
                    + language.hiddenSize() + ") with text.conditioner.projector false, got " + width);
        }
        return new Conditioner(
                new Qwen2(language),
                text.rows(denoiser.tokens()),
                text.conditioner().projector() ? width : 0);
    }

    /** Loads what such a model reads captions with and never changes; a connector has nothing of the kind. */
    public static void loadFrozen(Experiment experiment, TextToLatent model, NDManager weights) {
        if (model.reader() instanceof Conditioner conditioner) {
            conditioner.language().load(experiment.resolve(experiment.text().frozenPath()), weights);
        }
    }

    /**
     * The queries and projection that training starts from, {@code text.conditioner.head_path}.
     *
     * @return null if there are none: training starts from the seed
     */
    public static StateDict conditionerHead(Experiment experiment) {
        TextConfig text = experiment.text();
        String path = text.hasConditioner() ? text.conditioner().headPath() : null;
        return path == null
                ? null
                : Conditioner.headOf(WeightFile.read(requireFile("text.conditioner.head_path", experiment, path)));
    }

    /** A model of {@link #textToLatent} with the weights of {@code stage_2.ckpt} and what is frozen. */
    public static TextToLatent textToLatent(Experiment experiment, CaptionReader reader, NDManager weights) {
        TextToLatent model = textToLatent(experiment, reader);
        model.load(weights, WeightFile.read(denoiserFile(experiment)), name -> false);
        loadFrozen(experiment, model, weights);
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
