// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.RegisterPlanFile;
import ai.dsr.sample.inspect.DenoiserFindings;
import ai.dsr.sample.inspect.DenoiserInspection;
import ai.dsr.sample.inspect.EncoderInspection;
import ai.dsr.sample.inspect.InspectedDenoiser;
import ai.dsr.sample.inspect.InspectedEncoder;
import ai.dsr.sample.inspect.Inspection;
import ai.dsr.sample.inspect.LayerStatistics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the outlier tokens of an encoder or a denoiser. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description =
                "Measures token norms and attention of an encoder, or of a denoiser at some noise levels, block by block:"
                        + " a JSON file and an HTML page.")
public final class InspectCommand implements Callable<Integer> {
    @Mixin
    private OutlierOptions options;

    /** What to look at. */
    enum Part {
        ENCODER,
        DENOISER
    }

    @Option(
            names = "--part",
            paramLabel = "encoder|denoiser",
            description = "What to look at (default: the denoiser of a bundle or run folder, else the encoder).")
    private Part part;

    @Option(
            names = "--levels",
            paramLabel = "T",
            split = ",",
            description = "Noise levels of a denoiser, 0 data to 1 noise (default: 0.1,0.3,0.5,0.7,0.9).")
    private List<Double> levels;

    @Option(
            names = "--plan",
            paramLabel = "FILE",
            description = "Register plan to compare with: of discover, or JSON or YAML of the Python code.")
    private Path plan;

    @Option(names = "--out", paramLabel = "DIR", description = "Output folder (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("out");

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Part chosen = part != null ? part : looksAtDenoiser() ? Part.DENOISER : Part.ENCODER;
        if (chosen == Part.DENOISER && plan != null) {
            throw new IllegalArgumentException("--plan: expected an encoder to apply it to, got --part denoiser");
        }
        if (chosen == Part.ENCODER && levels != null) {
            throw new IllegalArgumentException("--levels: expected a denoiser, got an encoder, which sees no noise");
        }
        try (NDManager manager = common.openManager()) {
            if (chosen == Part.DENOISER) {
                inspectDenoiser(manager);
            } else {
                inspectEncoder(manager);
            }
        }
        PrintWriter writer = spec.commandLine().getOut();
        writer.println("numbers: " + out.resolve(EncoderInspection.JSON));
        writer.println("report:  " + out.resolve(EncoderInspection.PAGE));
        return 0;
    }

    private boolean looksAtDenoiser() {
        return plan == null && InspectedDenoiser.hasDenoiser(options.target());
    }

    private void inspectEncoder(NDManager manager) {
        RegisterPlan given = plan == null ? null : RegisterPlanFile.read(plan);
        InspectedEncoder encoder = InspectedEncoder.open(options.target(), manager);
        EncoderInspection inspection = new EncoderInspection(
                encoder, options.images(encoder), options.size(encoder), options.rule(), options.layer());
        OutputFolder.create(out);
        Inspection found = inspection.run(given == null ? encoder.plan() : given, manager, Progress::start);
        inspection.write(out, found, commandLine());
        report(spec.commandLine().getOut(), found);
    }

    private void inspectDenoiser(NDManager manager) {
        InspectedDenoiser denoiser = InspectedDenoiser.open(options.target(), manager);
        DenoiserInspection inspection = new DenoiserInspection(
                denoiser,
                options.images(denoiser),
                levels == null ? DenoiserInspection.USUAL_LEVELS : levels,
                options.rule());
        OutputFolder.create(out);
        DenoiserFindings found = inspection.run(manager, Progress::start);
        inspection.write(out, found, commandLine());
        report(spec.commandLine().getOut(), found);
    }

    private String commandLine() {
        return "./dsr "
                + String.join(" ", spec.root().commandLine().getParseResult().originalArgs());
    }

    private void report(PrintWriter writer, Inspection found) {
        line(writer, "block " + found.detectLayer(), found.detected());
        if (found.detectedAfter() != null) {
            line(writer, "with the plan", found.detectedAfter());
            writer.println(String.format(
                    Locale.ROOT,
                    "ordinary tokens keep their features: cosine %.4f on average, %.4f at worst",
                    found.similarity().ordinary().mean(),
                    found.similarity().ordinary().min()));
        }
    }

    private static void report(PrintWriter writer, DenoiserFindings found) {
        for (DenoiserFindings.Level level : found.levels()) {
            LayerStatistics worst =
                    Collections.max(level.blocks(), Comparator.comparingDouble(LayerStatistics::maxRatio));
            line(writer, String.format(Locale.ROOT, "t = %.2f, worst in %s", level.t(), worst.layer()), worst);
        }
        if (found.registers() > 0) {
            DenoiserFindings.Extreme most = found.largest(s -> s.attention().registers());
            DenoiserFindings.Level level = found.levels().get(most.level());
            writer.println(String.format(
                    Locale.ROOT,
                    "%d registers: up to %.1f%% of the attention of image tokens (%s at t = %.2f)",
                    found.registers(),
                    100 * most.value(),
                    level.blocks().get(most.block()).layer(),
                    level.t()));
        }
    }

    private static void line(PrintWriter writer, String what, LayerStatistics s) {
        writer.println(String.format(
                Locale.ROOT,
                "%s: %.4f%% of %d tokens are outliers, in %.1f%% of the images; norms: median %.1f, 99%% %.1f, max %.1f"
                        + " (%.2f times the median of its image)",
                what,
                100 * s.outlierRate(),
                s.tokens(),
                100 * s.imageRate(),
                s.median(),
                s.p99(),
                s.max(),
                s.maxRatio()));
    }
}
