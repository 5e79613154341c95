// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.ConfigException;
import ai.dsr.core.config.Default;
import ai.dsr.core.data.DataConfig;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.model.ClassLabels;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.solver.SamplerConfig;
import ai.dsr.dit.solver.SamplerMode;
import ai.dsr.dit.transport.TransportConfig;
import ai.dsr.encoders.rae.RAEConfig;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/**
 * A configuration file, its sections bound on demand.
 *
 * <p>Paths in it are looked for beside the file first and then in the working folder, so that a bundle finds its parts
 * wherever it is opened from.
 */
public final class Experiment {
    /** Path of the section that describes the worse model of autoguidance. */
    public static final String GUIDE = "guidance.guidance_model";

    private static final Set<String> SECTIONS = Set.of(
            "run",
            "data",
            "stage_1",
            "stage_2",
            "transport",
            "sampler",
            "guidance",
            "misc",
            "training",
            "reconstruction",
            "eval",
            "gan",
            "text");

    private static final String RAE_TARGET = "stage1.RAE";

    private final Config config;
    private final Path folder;

    private Experiment(Config config, Path folder) {
        this.config = config;
        this.folder = folder;
    }

    /**
     * Reads a file.
     *
     * @param overrides each {@code path=value}
     * @throws ConfigException naming file, line and key of the first mistake
     */
    public static Experiment load(Path file, List<String> overrides) {
        Config config = Config.load(file).withOverrides(overrides);
        config.requireOnlyKeys(SECTIONS);
        return new Experiment(config, file.toAbsolutePath().getParent());
    }

    /** A configuration whose relative paths start at {@code folder}. */
    public static Experiment of(Config config, Path folder) {
        return new Experiment(config, folder.toAbsolutePath());
    }

    /** The same experiment with some values replaced. */
    public Experiment with(List<String> overrides) {
        return new Experiment(config.withOverrides(overrides), folder);
    }

    /** The same experiment with a path in it replaced; whatever characters it has. */
    public Experiment withPath(String key, Path value) {
        String text = value.toString().replace("\\", "\\\\").replace("\"", "\\\"");
        return with(List.of(key + "=\"" + text + "\""));
    }

    /** The tree behind it. */
    public Config config() {
        return config;
    }

    /** Whether a section is there. */
    public boolean has(String section) {
        return config.has(section);
    }

    /**
     * Section {@code data}; published files, whose images are an argument of the reference's commands, have none.
     *
     * @throws ConfigException showing such a section if it is absent
     */
    public DataConfig data() {
        if (!has("data")) {
            throw new ConfigException(
                    config.source() + ": data: expected a section that says where the images are, got "
                            + "none; add data: {type: image_folder, path: FOLDER, image_size: 256}, or give it by --set");
        }
        return config.bind("data", DataConfig.class);
    }

    /** Section {@code run}; where it is absent, as in published files, the folder is {@code runs/NAME} after the file. */
    public RunConfig run() {
        if (!has("run")) {
            Path file = Path.of(config.source()).getFileName();
            String name = file == null ? "run" : file.toString().replaceFirst("\\.ya?ml$", "");
            return config.withOverrides(List.of("run={dir: \"runs/" + name + "\"}"))
                    .bind("run", RunConfig.class);
        }
        return config.bind("run", RunConfig.class);
    }

    /** Section {@code eval}; nothing is evaluated if it is absent. */
    public EvaluationConfig evaluation() {
        return config.bind("eval", EvaluationConfig.class);
    }

    /** Section {@code misc}. */
    public MiscConfig misc() {
        return config.bind("misc", MiscConfig.class);
    }

    /** Weights of the denoiser, {@code stage_2.ckpt}; null if there are none. */
    public String denoiserWeights() {
        return config.bind("stage_2", StageConfig.class).ckpt();
    }

    /** The autoencoder of {@code stage_1}. */
    public RAEConfig rae() {
        StageConfig stage = config.bind("stage_1", StageConfig.class);
        if (!stage.target().equals(RAE_TARGET)) {
            throw new ConfigException(
                    config.source() + ": stage_1.target: expected " + RAE_TARGET + ", got " + stage.target());
        }
        return stage.params().bind("", RAEConfig.class);
    }

    /**
     * The denoiser of {@code stage_2}, without memory; latents and classes must be those of {@code misc}.
     *
     * @throws ConfigException naming what does not fit
     */
    public DiffusionTransformer denoiser() {
        StageConfig stage = config.bind("stage_2", StageConfig.class);
        DiffusionTransformer model = DenoiserTargets.create(config.source() + ": stage_2", stage);
        MiscConfig misc = misc();
        List<Integer> latent = Arrays.stream(model.latentShape().getShape())
                .mapToObj(Math::toIntExact)
                .toList();
        if (!misc.latentSize().equals(latent)) {
            throw new ConfigException(config.source() + ": misc.latent_size: expected that of stage_2 " + latent
                    + ", got " + misc.latentSize());
        }
        if (model.conditioning() instanceof ClassLabels labels && misc.numClasses() != labels.numClasses()) {
            throw new ConfigException(config.source() + ": misc.num_classes: expected that of stage_2 "
                    + labels.numClasses() + ", got " + misc.numClasses());
        }
        return model;
    }

    /**
     * The worse model of autoguidance, {@code guidance.guidance_model}, without memory; null if there is none.
     *
     * @throws ConfigException naming what does not fit
     */
    public DiffusionTransformer guide() {
        if (!config.has(GUIDE)) {
            return null;
        }
        return DenoiserTargets.create(config.source() + ": " + GUIDE, config.bind(GUIDE, StageConfig.class));
    }

    /**
     * The denoiser of {@code stage_2}, which reads captions: condition rows must divide its image tokens.
     *
     * @throws ConfigException naming what does not fit
     */
    public TextDiT textDenoiser() {
        if (!(denoiser() instanceof TextDiT model)) {
            throw new ConfigException(config.source() + ": stage_2.target: expected a denoiser that takes captions"
                    + " beside a section text, got "
                    + config.bind("stage_2", StageConfig.class).target());
        }
        int tokens = model.config().tokens();
        int rows = text().rows(tokens);
        if (tokens % rows != 0) {
            String key = text().hasConditioner() ? "conditioner.num_queries" : "connector.rows";
            throw new ConfigException(config.source() + ": text." + key + ": expected a number that divides " + tokens
                    + " image tokens, got " + rows);
        }
        return model;
    }

    /** Whether captions are the condition: there is a section {@code text}. */
    public boolean isTextToImage() {
        return has("text");
    }

    /**
     * Section {@code text}.
     *
     * @throws ConfigException if it has both a language model and a text encoder or its connector
     */
    public TextConfig text() {
        if (has("text.conditioner") && (has("text.encoder") || has("text.connector"))) {
            throw new ConfigException(config.source() + ": text.conditioner: expected no text.encoder and no"
                    + " text.connector beside it, got " + (has("text.encoder") ? "an encoder" : "a connector"));
        }
        return config.bind("text", TextConfig.class);
    }

    /** Weights of the worse model, {@code guidance.guidance_model.ckpt}; null if there is no such model or no weights. */
    public String guideWeights() {
        return config.has(GUIDE) ? config.bind(GUIDE, StageConfig.class).ckpt() : null;
    }

    /** Section {@code transport} with the time shift that follows from {@code misc}. */
    public TransportConfig transport() {
        TransportConfig transport =
                config.bind("transport", TransportSection.class).params();
        return transport.withTimeDistShift(misc().timeShift());
    }

    /** Section {@code sampler}. */
    public SamplerConfig sampler() {
        String mode = config.has("sampler.mode") ? config.get("sampler.mode", String.class) : SamplerMode.ODE.label();
        config.bind("sampler", SamplerSection.class);
        return config.withOverrides(List.of("sampler.params.mode=" + mode)).bind("sampler.params", SamplerConfig.class);
    }

    /** Section {@code guidance}, with the null label of {@code misc} where it has none; no guidance if it is absent. */
    public GuidanceConfig guidance() {
        GuidanceConfig guidance = config.bind("guidance", GuidanceConfig.class, GuidanceConfig.OFF);
        Integer nullLabel = has("misc.null_label") ? config.get("misc.null_label", Integer.class) : null;
        return guidance.nullLabel() == null && nullLabel != null ? guidance.withNullLabel(nullLabel) : guidance;
    }

    /** A path of the file: beside it if there is such a thing, else as {@link ProjectFiles} finds it. */
    public Path resolve(String path) {
        Path beside = folder.resolve(path);
        if (!Files.exists(beside)) {
            beside = beside.normalize(); // a folder that is yet to be written has no way up from it
        }
        return Files.exists(beside) ? beside : ProjectFiles.find(path);
    }

    /** {@link #resolve} as an absolute path, for configurations that are written elsewhere. */
    public Path absolute(String path) {
        return resolve(path).toAbsolutePath().normalize();
    }

    /**
     * A stage: what it is and its options.
     *
     * @param target name of the class in the reference, mapped through a fixed table
     * @param params options of the target
     * @param ckpt weights, or null
     */
    public record StageConfig(String target, Config params, @Default("null") String ckpt) {}

    /** Section {@code sampler}: the mode stands beside the other options. */
    public record SamplerSection(@Default("ODE") SamplerMode mode, @Default("{}") Config params) {}

    /** Section {@code transport}, whose only key is {@code params}. */
    public record TransportSection(TransportConfig params) {}
}
