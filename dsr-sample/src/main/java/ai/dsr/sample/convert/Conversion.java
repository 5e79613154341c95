// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.convert;

import ai.djl.ndarray.types.DataType;
import ai.dsr.core.checkpoint.WeightFile.Choice;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.encoders.rae.RAEConfig;
import ai.dsr.encoders.vit.EncoderFamily;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/**
 * Turns weights of the Python code into files of this library.
 *
 * <p>A denoiser must fit its configuration exactly. A decoder may have more than it needs, as in the reference, which
 * loads it leniently; it may not lack anything.
 */
public final class Conversion {
    /** What describes an encoder beside its weights; the first decides its family. */
    private static final List<String> ENCODER_FILES = List.of("config.json", "preprocessor_config.json");

    private static final String DECODER = "stage_1.params.pretrained_decoder_path";
    private static final String STATISTICS = "stage_1.params.normalization_stat_path";
    private static final String ENCODER = "stage_1.params.encoder_config_path";

    private final Source source;
    private final DataType type;

    /**
     * A conversion of one file.
     *
     * @param type type of floating weights that are written: FLOAT32, FLOAT16 or BFLOAT16; statistics stay FLOAT32
     */
    public Conversion(Source source, DataType type) {
        this.source = source;
        this.type = source.kind() == Source.Kind.STATISTICS ? DataType.FLOAT32 : type;
    }

    /**
     * Compares the weights with what a configuration describes.
     *
     * @return names that are left out since the model has no use for them
     * @throws IllegalArgumentException listing missing, unexpected and misshapen names
     */
    public List<String> check(Experiment experiment) {
        switch (source.kind()) {
            case DENOISER ->
                LoadReport.compare(source.weights(), TextWeights.shapes(experiment), DiffusionTransformer::isDerived)
                        .requireClean("check stage_2 of " + experiment.config().source());
            case DECODER -> {
                LoadReport report = LoadReport.compare(
                        source.weights(), Stages.decoder(experiment).shapes(), name -> false);
                new LoadReport(report.source(), report.missing(), List.of(), report.misshapen())
                        .requireClean(
                                "check stage_1.params of " + experiment.config().source());
                return report.unexpected();
            }
            case STATISTICS -> checkStatistics(experiment.misc().latentSize());
            case MODEL ->
                throw new IllegalArgumentException(
                        source.file() + ": expected a denoiser, a decoder or statistics, got "
                                + LoadReport.listing(source.weights().names()) + "; leave the configuration out");
        }
        return List.of();
    }

    private void checkStatistics(List<Integer> latent) {
        source.weights().toMap().forEach((name, tensor) -> {
            long[] sides = tensor.shape();
            int offset = latent.size() - sides.length;
            boolean fits = offset >= 0
                    && IntStream.range(0, sides.length)
                            .allMatch(i -> sides[i] == 1 || sides[i] == latent.get(i + offset));
            if (!fits) {
                throw new IllegalArgumentException(source.file() + ": " + name
                        + ": expected the shape of misc.latent_size " + latent + ", got " + tensor.toShape());
            }
        });
    }

    /**
     * Writes the weights to {@code KIND.safetensors} in a folder.
     *
     * @param leftOut names to leave out
     * @return the file
     */
    public Path writeWeights(Path folder, List<String> leftOut) {
        OutputFolder.create(folder);
        Path file = folder.resolve(source.kind().fileName());
        StateDict kept = source.weights().filter(name -> !leftOut.contains(name));
        SafeTensors.write(file, kept.toMap(), source.facts(), type);
        if (isEncoder(source)) {
            ENCODER_FILES.forEach(name -> copy(name, folder));
        }
        return file;
    }

    /** Whether the weights are those of an encoder: no other kind, with the {@code config.json} of a known family. */
    public static boolean isEncoder(Source source) {
        Path config = source.file().toAbsolutePath().resolveSibling(ENCODER_FILES.get(0));
        if (source.kind() != Source.Kind.MODEL || !Files.isRegularFile(config)) {
            return false;
        }
        try {
            EncoderFamily.of(HfConfig.read(config));
            return true;
        } catch (IllegalArgumentException e) { // the configuration of something else
            return false;
        }
    }

    /** What makes a folder with weights an encoder that other commands open. */
    private void copy(String name, Path folder) {
        Path from = source.file().toAbsolutePath().resolveSibling(name);
        Path to = folder.toAbsolutePath().resolve(name);
        if (Files.isRegularFile(from) && !from.equals(to)) {
            try {
                Files.copy(from, to, StandardCopyOption.REPLACE_EXISTING);
            } catch (IOException e) {
                throw new UncheckedIOException(to + ": cannot be written", e);
            }
        }
    }

    /**
     * What a bundle of this denoiser lacks, each as {@code key: path}; empty if it can be written.
     *
     * @param experiment the configuration, with the paths of decoder and statistics
     */
    public List<String> lacking(Experiment experiment) {
        List<String> lacking = new ArrayList<>();
        if (source.kind() != Source.Kind.DENOISER || !experiment.has("stage_1") || !experiment.has("stage_2")) {
            lacking.add("stage_1 and stage_2 of a denoiser");
            return lacking;
        }
        if (experiment.denoiser() instanceof TextDiT && !experiment.isTextToImage()) {
            lacking.add("text: what reads captions");
        }
        RAEConfig rae = experiment.rae();
        Map<String, Path> needed = new LinkedHashMap<>();
        Path encoder = Stages.encoderFolder(experiment);
        needed.put(ENCODER, SafeTensors.isFolder(encoder) ? encoder : encoder.resolve("model.safetensors"));
        needed.put(DECODER, path(experiment, rae.pretrainedDecoderPath()));
        if (rae.normalizationStatPath() != null) {
            needed.put(STATISTICS, path(experiment, rae.normalizationStatPath()));
        }
        if (rae.decoder() == null) {
            needed.put("stage_1.params.decoder_config_path", path(experiment, rae.decoderConfigPath()));
        }
        needed.forEach((key, path) -> {
            if (path == null || !Files.exists(path)) {
                lacking.add(key + ": " + (path == null ? "no path" : path));
            }
        });
        return lacking;
    }

    private StateDict checked(Experiment experiment, String path) {
        Source part = Source.open(path(experiment, path), Choice.EMA);
        List<String> leftOut = new Conversion(part, type).check(experiment);
        return part.weights().filter(name -> !leftOut.contains(name));
    }

    private static Path path(Experiment experiment, String text) {
        return text == null ? null : experiment.resolve(text);
    }

    /**
     * Writes a bundle with denoiser, decoder, statistics and configuration.
     *
     * @param experiment the configuration, with the paths of decoder and statistics
     * @param classes class names in label order; empty: the numbers
     */
    public void writeBundle(Path folder, Experiment experiment, List<String> classes) {
        int latentSide = experiment.misc().latentSize().get(1);
        int count = experiment.misc().numClasses();
        List<String> names = classes.isEmpty()
                ? IntStream.range(0, count).mapToObj(String::valueOf).toList()
                : classes;
        if (names.size() != count) {
            throw new IllegalArgumentException(
                    "classes: expected " + count + " names, one a class of misc.num_classes, got " + names.size());
        }
        int imageSize = experiment.rae().decoderPatchSize() * latentSide;
        BundleManifest manifest = BundleManifest.of(names, imageSize, Stages.encoderSha256(experiment))
                .withTextEncoder(TextWeights.fingerprint(experiment))
                .withInputs(Map.of(
                        "source/" + source.facts().get("source"), source.facts().get("source_sha256")));
        String statistics = experiment.rae().normalizationStatPath();
        Bundle.Parts parts = new Bundle.Parts(
                source.weights(),
                checked(experiment, experiment.rae().pretrainedDecoderPath()),
                statistics == null ? null : checked(experiment, statistics));
        new Bundle(experiment, manifest).write(folder, null, parts, type, source.facts());
    }
}
