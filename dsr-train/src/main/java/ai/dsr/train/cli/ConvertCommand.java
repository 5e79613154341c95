// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.encoders.rae.ViTDecoder;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.convert.ActivationCheck;
import ai.dsr.sample.convert.Conversion;
import ai.dsr.sample.convert.DecoderCheck;
import ai.dsr.sample.convert.DenoiserCheck;
import ai.dsr.sample.convert.EncoderCheck;
import ai.dsr.sample.convert.Goldens;
import ai.dsr.sample.convert.Source;
import ai.dsr.sample.convert.TensorCheck;
import ai.dsr.sample.convert.TextWeights;
import ai.dsr.train.run.PythonTraining;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes over files of the Python code. */
@Command(
        name = "convert",
        mixinStandardHelpOptions = true,
        description = {
            "Converts weights that PyTorch wrote (.pt, .pth, .bin) to safetensors.",
            "With a configuration the names and shapes are checked; if decoder, statistics and encoder are there too, the"
                    + " result is a bundle that sample opens."
        })
final class ConvertCommand implements Callable<Integer> {
    /** Types that weights can have in a file; the value is what rounding to the type may change, relative to the scale. */
    enum FileType {
        FLOAT32(DataType.FLOAT32, 1e-4),
        FLOAT16(DataType.FLOAT16, 1e-2),
        BFLOAT16(DataType.BFLOAT16, 5e-2);

        private final DataType type;
        private final double tolerance;

        FileType(DataType type, double tolerance) {
            this.type = type;
            this.tolerance = tolerance;
        }
    }

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "A checkpoint, or a folder of them: the furthest is taken.")
    private Path input;

    @Parameters(index = "1", paramLabel = "OUT", description = "Output folder.")
    private Path out;

    @Option(names = "--config", paramLabel = "YAML", description = "The configuration that belongs to the checkpoint.")
    private Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Replaces a value of the configuration.")
    private List<String> overrides = List.of();

    @Option(
            names = "--decoder",
            paramLabel = "FILE",
            description = "Decoder for the bundle (default: the configuration's).")
    private Path decoder;

    @Option(
            names = "--statistics",
            paramLabel = "FILE",
            description = "Latent statistics for the bundle (default: the configuration's).")
    private Path statistics;

    @Option(
            names = "--encoder",
            paramLabel = "DIR",
            description = "Encoder folder for the bundle (default: the configuration's).")
    private Path encoder;

    @Option(
            names = "--classes",
            paramLabel = "FILE",
            description = "Class names for the bundle, one a line in label order (default: numbers).")
    private Path classes;

    @Option(
            names = "--weights",
            paramLabel = "ema|model",
            description = "Which weights of a training checkpoint (default: ${DEFAULT-VALUE}).")
    private WeightFile.Choice weights = WeightFile.Choice.EMA;

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "float32, float16 or bfloat16 (default: ${DEFAULT-VALUE}).")
    private FileType dtype = FileType.FLOAT32;

    @Option(
            names = "--verify",
            paramLabel = "GOLDENS",
            description = {
                "Stored results to compare with: a file of safetensors with in/NAME, out/NAME and grad/NAME, or a folder"
                        + " with tensors.safetensors and case.json.",
                "Of a denoiser, a decoder or an encoder its activations; without in/NAME the tensors themselves."
            })
    private Path goldens;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            description = "Largest error of --verify, relative to the largest value of a result (default: by --dtype).")
    private Double tolerance;

    @Option(
            names = "--resume",
            description = "Write a run folder instead, for train --resume to continue the training of the Python code.")
    private boolean resume;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (config == null && resume) {
            throw new IllegalArgumentException("--config: expected the configuration for --resume, got none");
        }
        Experiment experiment = config == null ? null : experiment();
        return resume ? writeRun(experiment) : convert(experiment);
    }

    private Experiment experiment() {
        Experiment experiment = Experiment.load(config, overrides);
        if (decoder != null) {
            experiment = experiment.withPath("stage_1.params.pretrained_decoder_path", decoder.toAbsolutePath());
        }
        if (statistics != null) {
            experiment = experiment.withPath("stage_1.params.normalization_stat_path", statistics.toAbsolutePath());
        }
        return encoder == null
                ? experiment
                : experiment.withPath("stage_1.params.encoder_config_path", encoder.toAbsolutePath());
    }

    private int writeRun(Experiment experiment) {
        if (experiment.isTextToImage()) {
            throw new IllegalArgumentException(
                    "--resume: expected a class-conditional configuration, got one with text;"
                            + " convert the weights to a bundle and name it in run.init");
        }
        Path checkpoint = PythonTraining.open(input).writeRun(experiment, out);
        println("checkpoint:  " + checkpoint);
        println("continue it: ./dsr train " + config + " --set 'run={dir: " + out + "}' --resume");
        return 0;
    }

    private int convert(Experiment experiment) {
        Source source = TextWeights.joined(Source.open(input, weights), experiment);
        println("found:   " + describe(source));
        Goldens wanted = goldens == null ? null : Goldens.open(goldens);
        if (wanted != null) {
            requireVerifiable(source, wanted, experiment);
        }
        Conversion conversion = new Conversion(source, dtype.type);
        List<String> leftOut = experiment == null ? List.of() : conversion.check(experiment);
        if (!leftOut.isEmpty()) {
            println("left out " + leftOut.size() + ": " + LoadReport.listing(leftOut));
        }
        Path written = write(experiment, conversion, leftOut);
        println("written: " + written);
        return wanted == null || report(compare(source, experiment, written, wanted)) ? 0 : 1;
    }

    /** Said before anything is written. */
    private static void requireVerifiable(Source source, Goldens wanted, Experiment experiment) {
        if (!wanted.hasInputs()) {
            return;
        }
        switch (source.kind()) {
            case DENOISER, DECODER -> {
                if (experiment == null) {
                    throw new IllegalArgumentException("--config: expected the configuration for --verify, got none");
                }
            }
            case MODEL -> {
                if (!Conversion.isEncoder(source)) {
                    throw new IllegalArgumentException(
                            "--verify: expected a denoiser, a decoder, statistics or an encoder"
                                    + " with its config.json beside it, got a " + describe(source));
                }
            }
            case STATISTICS -> {} // compared as they are
        }
    }

    private static String describe(Source source) {
        StringBuilder text = new StringBuilder(source.kind().name().toLowerCase(Locale.ROOT));
        text.append(" with ").append(source.weights().size()).append(" tensors");
        source.facts().forEach((key, value) -> {
            if (!key.startsWith("source")) {
                text.append(", ").append(key).append(' ').append(value);
            }
        });
        return text.toString();
    }

    /** A bundle if all of it is there, else the weights alone; returns the file of the weights. */
    private Path write(Experiment experiment, Conversion conversion, List<String> leftOut) {
        List<String> lacking = experiment == null ? List.of("--config") : conversion.lacking(experiment);
        if (!lacking.isEmpty()) {
            println("no bundle, for want of " + String.join(", ", lacking));
            return conversion.writeWeights(out, leftOut);
        }
        conversion.writeBundle(out, experiment, classNames());
        println("bundle:  ./dsr sample " + out);
        return out.resolve("denoiser.safetensors");
    }

    private List<String> classNames() {
        if (classes == null) {
            return List.of();
        }
        try {
            return Files.readAllLines(classes);
        } catch (IOException e) {
            throw new UncheckedIOException(classes + ": cannot be read", e);
        }
    }

    private List<ActivationCheck.Line> compare(Source source, Experiment experiment, Path written, Goldens wanted) {
        StateDict weights = SafeTensors.read(written);
        if (!wanted.hasInputs() || source.kind() == Source.Kind.STATISTICS) {
            return TensorCheck.run(weights, wanted, this.weights);
        }
        try (NDManager manager = common.openManager()) {
            return switch (source.kind()) {
                case DENOISER -> {
                    DiffusionTransformer model = experiment.denoiser();
                    model.load(manager, TextWeights.denoiser(weights, experiment));
                    boolean hasGuide = experiment.has(Experiment.GUIDE) && experiment.guideWeights() != null;
                    DiffusionTransformer guide = hasGuide ? Stages.guide(experiment, manager) : null;
                    yield DenoiserCheck.run(model, guide, wanted, manager);
                }
                case DECODER -> {
                    ViTDecoder decoder = Stages.decoder(experiment);
                    decoder.load(manager, weights);
                    yield DecoderCheck.run(decoder, experiment, wanted, manager);
                }
                default -> EncoderCheck.run(written.toAbsolutePath().getParent(), wanted, manager);
            };
        }
    }

    /** Prints a table; true if nothing that was compared is off. */
    private boolean report(List<ActivationCheck.Line> lines) {
        double limit = tolerance == null ? dtype.tolerance : tolerance;
        int width = lines.stream().mapToInt(line -> line.name().length()).max().orElse(0);
        String row = "%-" + Math.max(width, "result".length()) + "s  %-9s  %-9s  %s";
        println(String.format(Locale.ROOT, row, "result", "max abs", "relative", "limit " + limit));
        int passed = 0;
        int failed = 0;
        for (ActivationCheck.Line line : lines) {
            boolean isClose = line.relative() <= limit;
            passed += line.isCompared() && isClose ? 1 : 0;
            failed += line.isCompared() && !isClose ? 1 : 0;
            String verdict = !line.isCompared() ? "not computed by this model" : isClose ? "pass" : "FAIL";
            println(String.format(
                    Locale.ROOT, row, line.name(), number(line.worst()), number(line.relative()), verdict));
        }
        println("verified: " + passed + " passed, " + failed + " failed, " + (lines.size() - passed - failed)
                + " not compared");
        return failed == 0;
    }

    private static String number(double value) {
        return Double.isNaN(value)
                ? "-"
                : Double.isInfinite(value) ? "shape" : String.format(Locale.ROOT, "%.3g", value);
    }

    private void println(String text) {
        PrintWriter writer = spec.commandLine().getOut();
        writer.println(text);
    }
}
