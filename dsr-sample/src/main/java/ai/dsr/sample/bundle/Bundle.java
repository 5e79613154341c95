// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.bundle;

import ai.djl.ndarray.types.DataType;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.io.StateDict;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.RegisterPlanFile;
import ai.dsr.sample.config.Experiment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * What sampling needs: a configuration whose paths lead to the weights, and the manifest that ties them together.
 *
 * <p>A bundle folder holds {@code config.yaml}, {@code denoiser}, {@code decoder} and {@code statistics.safetensors} (and
 * {@code guide.safetensors} for autoguidance), {@code manifest.json} and a model card; a model of pixels has neither
 * decoder nor statistics. A run folder of the trainer opens the same way, at its newest checkpoint.
 *
 * @param experiment the configuration, {@code stage_2.ckpt} set
 * @param manifest classes and hashes
 */
public record Bundle(Experiment experiment, BundleManifest manifest) {
    private static final String CONFIG = "config.yaml";
    private static final String MANIFEST = "manifest.json";
    private static final String DENOISER = "denoiser.safetensors";
    private static final String DECODER = "decoder.safetensors";
    private static final String STATISTICS = "statistics.safetensors";
    private static final String REGISTER_PLAN = "register_plan.json";
    private static final String GUIDE = "guide.safetensors";
    private static final String CARD = "README.md";
    private static final String STEP = "step-";
    private static final String AUTOENCODER = "stage_1";
    private static final String NO_PLAN = "none";

    /** Name among the manifest's inputs under which the digest of the register plan stands. */
    public static final String PLAN_INPUT = "register_plan";

    /**
     * Opens a bundle or a run folder and checks that its parts belong together.
     *
     * @throws IllegalArgumentException naming the part that is missing or of another hash
     */
    public static Bundle open(Path folder) {
        if (!Files.isDirectory(folder)) {
            throw new IllegalArgumentException(folder + ": expected a bundle or a run folder, got no folder");
        }
        if (!Files.exists(folder.resolve(CONFIG)) || !Files.exists(folder.resolve(MANIFEST))) {
            throw new IllegalArgumentException(
                    folder + ": expected " + CONFIG + " and " + MANIFEST + " of a bundle or a run, got neither or one");
        }
        BundleManifest manifest = Json.read(folder.resolve(MANIFEST), BundleManifest.class);
        if (!BundleManifest.FORMAT.equals(manifest.format())) {
            throw new IllegalArgumentException(folder.resolve(MANIFEST) + ": format: expected " + BundleManifest.FORMAT
                    + ", got " + manifest.format());
        }
        manifest.sha256().forEach((file, expected) -> requireHash(folder.resolve(file), expected));
        Experiment experiment = Experiment.load(folder.resolve(CONFIG), List.of());
        Bundle bundle = new Bundle(withNewestCheckpoint(folder, experiment), manifest);
        bundle.requireEncoder(bundle.experiment);
        bundle.requirePlan(folder);
        return bundle;
    }

    /** Latents of an encoder with other test-time registers are other latents. */
    private void requirePlan(Path folder) {
        String trained = manifest.inputs().getOrDefault(PLAN_INPUT, NO_PLAN);
        RegisterPlan plan = Stages.registerPlan(experiment);
        String got = plan == null ? NO_PLAN : plan.digest();
        if (!trained.equals(got)) {
            throw new IllegalArgumentException(folder + ": register plan: expected the one that the model was trained"
                    + " with (" + trained + "), got " + got);
        }
    }

    private static Experiment withNewestCheckpoint(Path folder, Experiment experiment) {
        Path checkpoints = folder.resolve("checkpoints");
        if (!Files.isDirectory(checkpoints) || !experiment.has("stage_2")) {
            return experiment; // a bundle, or the run of a decoder, which only reconstructs
        }
        try (Stream<Path> steps = Files.list(checkpoints)) {
            String newest = steps.map(step -> step.getFileName().toString())
                    .filter(name -> name.matches(STEP + "\\d+"))
                    .max((a, b) -> Long.compare(step(a), step(b)))
                    .orElseThrow(() -> new IllegalArgumentException(checkpoints + ": expected a checkpoint, got none"));
            return experiment.with(List.of("stage_2.ckpt=checkpoints/" + newest + "/ema.safetensors"));
        } catch (IOException e) {
            throw new UncheckedIOException(checkpoints + ": cannot list checkpoints", e);
        }
    }

    private static long step(String name) {
        return Long.parseLong(name.substring(STEP.length()));
    }

    /** The encoder of {@code found} must be that of training; a model of pixels has none. */
    private void requireEncoder(Experiment found) {
        if (found.has(AUTOENCODER)) {
            Path folder = Stages.encoderFolder(found);
            if (!SafeTensors.isFolder(folder)) {
                throw new IllegalArgumentException(folder + ": expected the encoder's weights, got none");
            }
            requireSame(folder, Stages.encoderSha256(found), manifest.encoderSha256());
        }
    }

    private static void requireHash(Path file, String expected) {
        if (!Files.isRegularFile(file)) {
            throw new IllegalArgumentException(file + ": expected the file that the manifest names, got none");
        }
        requireSame(file, Sha256.ofFile(file), expected);
    }

    private static void requireSame(Path file, String got, String expected) {
        if (!got.equals(expected)) {
            throw new IllegalArgumentException(file + ": expected SHA-256 " + expected + ", got " + got
                    + "; this is not the file that the model was trained with");
        }
    }

    /**
     * Copies everything into one folder, weights as float16. A model card that is there already stays.
     *
     * @param target the folder, created or replaced
     * @param encoderPath how the bundle refers to its encoder, such as {@code ../dinov2-small}; null is the way from the
     *     bundle to the present one
     * @throws IllegalArgumentException if there is no denoiser to copy, or the model's encoder is not found at that path;
     *     nothing has been written then
     */
    public void write(Path target, String encoderPath) {
        if (!experiment.has("stage_2")) {
            throw new IllegalArgumentException(
                    experiment.config().source() + ": expected a run of train, got one without stage_2");
        }
        boolean isLatent = experiment.has(AUTOENCODER);
        Parts parts = new Parts(
                read(experiment.denoiserWeights()),
                isLatent ? read(experiment.rae().pretrainedDecoderPath()) : null,
                isLatent ? read(experiment.rae().normalizationStatPath()) : null);
        write(target, encoderPath, parts, DataType.FLOAT16, Map.of());
    }

    private StateDict read(String path) {
        return path == null ? null : WeightFile.read(experiment.resolve(path));
    }

    /**
     * The weights of a bundle.
     *
     * @param decoder of the autoencoder, or null if there is none
     * @param statistics of the latents, or null
     */
    public record Parts(StateDict denoiser, StateDict decoder, StateDict statistics) {}

    /**
     * Writes given weights with this configuration into one folder.
     *
     * @param type type of floating weights: FLOAT32, FLOAT16 or BFLOAT16; statistics stay as they are
     * @param metadata text to store with the denoiser
     * @throws IllegalArgumentException if the model's encoder is not found at its path; nothing has been written then
     */
    public void write(Path target, String encoderPath, Parts parts, DataType type, Map<String, String> metadata) {
        Experiment bundled = bundled(encoderPath, target);
        requireEncoder(bundled);
        AtomicFiles.writeFolder(target, folder -> {
            SafeTensors.write(folder.resolve(DENOISER), parts.denoiser.toMap(), metadata, type);
            List<String> files = new ArrayList<>(List.of(DENOISER));
            if (parts.decoder != null) {
                SafeTensors.write(folder.resolve(DECODER), parts.decoder.toMap(), Map.of(), type);
                files.add(DECODER);
            }
            if (parts.statistics != null) {
                SafeTensors.write(folder.resolve(STATISTICS), parts.statistics.toMap(), Map.of());
                files.add(STATISTICS);
            }
            if (experiment.guideWeights() != null) {
                SafeTensors.write(
                        folder.resolve(GUIDE),
                        WeightFile.read(Stages.guideFile(experiment)).toMap(),
                        Map.of(),
                        type);
                files.add(GUIDE);
            }
            if (Files.exists(target.resolve(CARD))) {
                AtomicFiles.copy(target.resolve(CARD), folder.resolve(CARD));
            }
            RegisterPlan plan = Stages.registerPlan(experiment);
            if (plan != null) {
                RegisterPlanFile.write(folder.resolve(REGISTER_PLAN), plan);
                files.add(REGISTER_PLAN);
            }
            Map<String, String> hashes = new LinkedHashMap<>();
            files.forEach(file -> hashes.put(file, Sha256.ofFile(folder.resolve(file))));
            AtomicFiles.writeString(folder.resolve(CONFIG), bundled.config().toYaml());
            Map<String, String> inputs = plan == null ? Map.of() : Map.of(PLAN_INPUT, plan.digest());
            Json.write(folder.resolve(MANIFEST), manifest.withFiles(hashes).withInputs(inputs));
        });
    }

    /** The way from a bundle to a folder that the configuration names. */
    private String relative(Path target, String folder) {
        Path encoder = experiment.absolute(folder);
        Path from = target.toAbsolutePath().normalize();
        boolean related = from.getRoot().equals(encoder.getRoot());
        return (related ? from.relativize(encoder) : encoder).toString().replace('\\', '/');
    }

    private Experiment bundled(String encoderPath, Path target) {
        // Where this training started from is a path of this machine, and of no use to a reader of the bundle.
        Experiment portable = experiment.config().has("run") ? experiment.with(List.of("run.init=null")) : experiment;
        Experiment drawing = withText(portable, target).withPath("stage_2.ckpt", Path.of(DENOISER));
        if (experiment.guideWeights() != null) {
            drawing = drawing.withPath(Experiment.GUIDE + ".ckpt", Path.of(GUIDE));
        }
        return experiment.has(AUTOENCODER)
                ? withAutoencoder(drawing, encoderPath, target)
                : Experiment.of(drawing.config(), target);
    }

    /** What is frozen of the text model stays where it is; what its training started from is of no use to a reader. */
    private Experiment withText(Experiment portable, Path target) {
        String folder = portable.isTextToImage() ? portable.text().frozenPath() : null;
        if (folder == null) {
            return portable;
        }
        String section = portable.text().frozenSection();
        Experiment found = portable.withPath(section + ".path", Path.of(relative(target, folder)));
        return found.has(section + ".head_path") ? found.with(List.of(section + ".head_path=null")) : found;
    }

    private Experiment withAutoencoder(Experiment drawing, String encoderPath, Path target) {
        String encoder = encoderPath == null ? relative(target, experiment.rae().encoderConfigPath()) : encoderPath;
        Experiment bundled = Stages.withRegisterPlan(drawing, plan -> Path.of(REGISTER_PLAN))
                .withPath("stage_1.params.encoder_config_path", Path.of(encoder))
                .withPath("stage_1.params.pretrained_decoder_path", Path.of(DECODER));
        if (experiment.rae().normalizationStatPath() != null) {
            bundled = bundled.withPath("stage_1.params.normalization_stat_path", Path.of(STATISTICS));
        }
        if (experiment.rae().decoder() == null) { // its sizes are in a file of this machine
            bundled = bundled.with(List.of("stage_1.params.decoder_config_path=null"));
        }
        return Experiment.of(
                bundled.config().with("stage_1.params.decoder", Stages.decoderSizes(experiment, experiment.rae())),
                target);
    }
}
