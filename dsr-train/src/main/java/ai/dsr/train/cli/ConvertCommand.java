// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.LoadReport;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.convert.ActivationCheck;
import ai.dsr.sample.convert.Conversion;
import ai.dsr.sample.convert.Source;
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
            description = "Safetensors with in/x, in/t, in/y and out/NAME to compare the converted denoiser with.")
    private Path goldens;

    @Option(
            names = "--tolerance",
            paramLabel = "X",
            description = "Largest error of --verify, relative to the largest value (default: by --dtype).")
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
        if (config == null && (goldens != null || resume)) {
            throw new IllegalArgumentException(
                    "--config: expected the configuration for " + (resume ? "--resume" : "--verify") + ", got none");
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
        Path checkpoint = PythonTraining.open(input).writeRun(experiment, out);
        println("checkpoint:  " + checkpoint);
        println("continue it: ./dsr train " + config + " --set 'run={dir: " + out + "}' --resume");
        return 0;
    }

    private int convert(Experiment experiment) {
        Source source = Source.open(input, weights);
        println("found:   " + describe(source));
        if (goldens != null && source.kind() != Source.Kind.DENOISER) {
            throw new IllegalArgumentException("--verify: expected a denoiser, got a " + describe(source));
        }
        Conversion conversion = new Conversion(source, dtype.type);
        List<String> leftOut = experiment == null ? List.of() : conversion.check(experiment);
        if (!leftOut.isEmpty()) {
            println("left out " + leftOut.size() + ": " + LoadReport.listing(leftOut));
        }
        Path written = write(experiment, conversion, leftOut);
        println("written: " + written);
        return goldens == null || verify(experiment, written) ? 0 : 1;
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

    private boolean verify(Experiment experiment, Path written) {
        double limit = tolerance == null ? dtype.tolerance : tolerance;
        boolean isClose = true;
        try (NDManager manager = common.openManager()) {
            DiffusionTransformer model = experiment.denoiser();
            model.load(manager, SafeTensors.read(written));
            for (ActivationCheck.Line line : ActivationCheck.run(model, goldens, manager)) {
                boolean isLineClose = !line.isCompared() || line.relative() <= limit;
                isClose &= isLineClose;
                println(text(line, isLineClose));
            }
        }
        return isClose;
    }

    private static String text(ActivationCheck.Line line, boolean isClose) {
        return line.isCompared()
                ? String.format(
                        Locale.ROOT,
                        "%-16s worst error %.3g of %.3g, relative %.3g: %s",
                        line.name(),
                        line.worst(),
                        line.scale(),
                        line.relative(),
                        isClose ? "ok" : "TOO LARGE")
                : String.format(Locale.ROOT, "%-16s not compared: not computed by this model", line.name());
    }

    private void println(String text) {
        PrintWriter writer = spec.commandLine().getOut();
        writer.println(text);
    }
}
