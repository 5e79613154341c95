// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.OutputFolder;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.RegisterPlanFile;
import ai.dsr.sample.inspect.EncoderInspection;
import ai.dsr.sample.inspect.InspectedEncoder;
import ai.dsr.sample.inspect.Inspection;
import ai.dsr.sample.inspect.LayerStatistics;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Shows the outlier tokens of an encoder. */
@Command(
        name = "inspect",
        mixinStandardHelpOptions = true,
        description = "Measures token norms and attention of an encoder layer by layer: a JSON file and an HTML page.")
public final class InspectCommand implements Callable<Integer> {
    @Mixin
    private OutlierOptions options;

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
        RegisterPlan given = plan == null ? null : RegisterPlanFile.read(plan);
        try (NDManager manager = common.openManager()) {
            InspectedEncoder encoder = InspectedEncoder.open(options.target(), manager);
            EncoderInspection inspection = new EncoderInspection(
                    encoder, options.images(encoder), options.size(encoder), options.rule(), options.layer());
            OutputFolder.create(out);
            Inspection found = inspection.run(given == null ? encoder.plan() : given, manager, Progress::start);
            inspection.write(out, found, commandLine());
            report(spec.commandLine().getOut(), found);
        }
        return 0;
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
        writer.println("numbers: " + out.resolve(EncoderInspection.JSON));
        writer.println("report:  " + out.resolve(EncoderInspection.PAGE));
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
