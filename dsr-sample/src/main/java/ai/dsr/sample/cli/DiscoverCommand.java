// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.RegisterKernels.Fill;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.NeuronSearchConfig;
import ai.dsr.encoders.register.PlanEvidence;
import ai.dsr.encoders.register.RecursiveSearch;
import ai.dsr.encoders.register.RecursiveSearchConfig;
import ai.dsr.encoders.register.RegisterNeurons;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.RegisterPlanFile;
import ai.dsr.sample.inspect.InspectedEncoder;
import ai.dsr.sample.inspect.InspectedImages;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Finds the neurons that write outlier tokens. */
@Command(
        name = "discover",
        mixinStandardHelpOptions = true,
        description = "Finds the MLP neurons that write outlier tokens, round by round, and writes a register plan.")
public final class DiscoverCommand implements Callable<Integer> {
    @Mixin
    private OutlierOptions options;

    @Option(names = "--rounds", paramLabel = "N", description = "Rounds at most (default: ${DEFAULT-VALUE}).")
    private int rounds = 1;

    @Option(
            names = "--target-rate",
            paramLabel = "SHARE",
            description = "Stop when no larger share of the tokens is an outlier (default: ${DEFAULT-VALUE}).")
    private double targetRate;

    @Option(names = "--top-k", paramLabel = "N", description = "Neurons of a round (default: ${DEFAULT-VALUE}).")
    private int topK = 10;

    @Option(
            names = "--lowest-layer",
            paramLabel = "BLOCK",
            description = "First block to take neurons from (default: 0).")
    private int lowestLayer;

    @Option(
            names = "--highest-layer",
            paramLabel = "BLOCK",
            description = "Last block to take neurons from (default: no limit).")
    private int highestLayer = NeuronSearchConfig.NO_LIMIT;

    @Option(
            names = "--sparsity",
            paramLabel = "SHARE",
            description = "Take only neurons that are silent on this share of the tokens of an image.")
    private Double sparsity;

    @Option(
            names = "--sparsity-activation",
            paramLabel = "X",
            description = "A neuron is silent below this activation (default: ${DEFAULT-VALUE}).")
    private double sparsityActivation = 0.5;

    @Option(
            names = "--class-token",
            description = "Let the class token, or the mean row in its place, be an outlier, as the Python code does.")
    private boolean classToken;

    @Option(names = "--registers", paramLabel = "R", description = "Registers of the plan (default: ${DEFAULT-VALUE}).")
    private int registers = 1;

    @Option(
            names = "--fill",
            description = "What the neurons become elsewhere: ${COMPLETION-CANDIDATES} (default: ${DEFAULT-VALUE}).")
    private Fill fill = Fill.ZERO;

    @Option(names = "--out", paramLabel = "FILE", description = "The plan (default: ${DEFAULT-VALUE}).")
    private Path out = Path.of("plan.json");

    @Option(
            names = "--python",
            paramLabel = "DIR",
            description = "Also write the plan as the Python code reads it: neurons_to_ablate.json and encoder.yaml.")
    private Path python;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        RegisterPlan empty = new RegisterPlan(
                RegisterNeurons.none(), registers, List.of(1.0), fill, RegisterPlan.Variant.DSR, true, null);
        NeuronSearchConfig search = new NeuronSearchConfig(
                options.layer(),
                options.rule(),
                topK,
                lowestLayer,
                highestLayer,
                sparsity == null ? null : new NeuronSearchConfig.Sparsity(sparsity, sparsityActivation),
                classToken);
        try (NDManager manager = common.openManager()) {
            InspectedEncoder encoder = InspectedEncoder.open(options.target(), manager);
            InspectedImages images = options.images(encoder);
            RegisterPlan start = encoder.plan() == null ? empty : encoder.plan();
            RegisterPlan found = RecursiveSearch.run(
                    encoder.encoder().backbone(),
                    images,
                    new RecursiveSearchConfig(search, rounds, targetRate, start),
                    manager,
                    Progress::start);
            RegisterPlan plan = found.withEvidence(found.evidence()
                    .of(encoder.encoder().name(), encoder.sha256(), images.source(), options.size(encoder)));
            RegisterPlanFile.write(out, plan);
            if (python != null) {
                RegisterPlanFile.writeForPython(python, "encoder", String.valueOf(options.target()), plan);
            }
            report(spec.commandLine().getOut(), plan);
        }
        return 0;
    }

    private void report(PrintWriter writer, RegisterPlan plan) {
        int round = 0;
        for (PlanEvidence.Round each : plan.evidence().rounds()) {
            norms(writer, "before round " + ++round, each.before());
            writer.println("  found " + each.neurons().size() + " neurons in " + each.imagesWithOutliers()
                    + " images with outliers");
        }
        norms(writer, "with the plan", plan.evidence().after());
        writer.println("plan: " + out + " (" + plan.neurons().count() + " neurons in layers "
                + plan.neurons().byLayer().keySet() + ")");
        writer.println("see:  ./dsr inspect " + options.target() + " --plan " + out);
    }

    private static void norms(PrintWriter writer, String what, PlanEvidence.NormSummary norms) {
        writer.println(String.format(
                Locale.ROOT,
                "%s: %.4f%% outliers; norms: median %.1f, 99%% %.1f, max %.1f",
                what,
                100 * norms.outlierRate(),
                norms.median(),
                norms.p99(),
                norms.max()));
    }
}
