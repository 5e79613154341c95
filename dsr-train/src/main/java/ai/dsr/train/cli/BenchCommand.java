// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.Json;
import ai.dsr.core.tensor.Precision;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.train.bench.StepBench;
import ai.dsr.train.bench.StepBench.Measurement;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Times a training step and a sampling step beside a large matrix product of the same run. */
@Command(
        name = "bench",
        mixinStandardHelpOptions = true,
        description =
                "Times one training step and one sampling step of DiT-S (hidden 384, depth 12, 6 heads, 256 tokens,"
                        + " 36 registers from block 4, batch 8) beside a large matrix product of the same run.")
final class BenchCommand implements Callable<Integer> {
    @Option(names = "--steps", paramLabel = "N", description = "Steps to time (default: ${DEFAULT-VALUE}).")
    private int steps = 10;

    @Option(
            names = "--memory-steps",
            paramLabel = "N",
            description = "Instead: resident memory before and after N training steps of a tiny model.")
    private Integer memorySteps;

    @Option(
            names = "--inspect",
            description =
                    "Instead: a look at the outlier tokens, as training.inspect_every takes it, beside a training step.")
    private boolean inspects;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            description = "bf16 or fp16: times steps with such products, too, beside those in fp32.")
    private Precision precision = Precision.FP32;

    @Option(names = "--json", paramLabel = "FILE", description = "Write the figures to this file, too.")
    private Path json;

    @Option(
            names = "--case",
            paramLabel = "FILE",
            description = "Instead: write weights, inputs and results of a few steps, to compare other code with.")
    private Path caseFile;

    @Mixin
    private SegmentBenchOptions segments;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (steps < 1) {
            throw new IllegalArgumentException("--steps: expected 1 or more, got " + steps);
        }
        PrintWriter out = spec.commandLine().getOut();
        if (segments.isGiven()) {
            segments.run(common, steps, json, out);
            return 0;
        }
        segments.requireNoConfigurationAlone();
        try (NDManager manager = common.openManager()) {
            if (caseFile != null) {
                StepBench.ditS(manager).writeCase(caseFile);
                out.println("case: " + caseFile);
            } else if (memorySteps != null) {
                memory(StepBench.tiny(manager), out);
            } else if (inspects) {
                inspection(StepBench.ditS(manager), out);
            } else {
                speed(StepBench.ditS(manager), out);
            }
        }
        return 0;
    }

    private void memory(StepBench bench, PrintWriter out) {
        Measurement m = bench.training(memorySteps, precision);
        out.printf(
                Locale.ROOT,
                "resident memory  %d MiB before, %d MiB after %d training steps%n",
                m.startMegabytes(),
                m.endMegabytes(),
                m.count());
    }

    private void inspection(StepBench bench, PrintWriter out) {
        Measurement step = bench.training(steps, Precision.FP32);
        Measurement look = bench.inspection(steps);
        int every = StepBench.usualInspectionInterval();
        out.printf(
                Locale.ROOT,
                "training step  median %.3f s, fastest %.3f s, slowest %.3f s of %d%n",
                step.median(),
                step.fastest(),
                step.slowest(),
                step.count());
        out.printf(
                Locale.ROOT,
                "look inside    median %.3f s, fastest %.3f s, slowest %.3f s of %d: every %d steps %.2f%% of their time%n",
                look.median(),
                look.fastest(),
                look.slowest(),
                look.count(),
                every,
                100 * look.median() / (every * step.median()));
    }

    private void speed(StepBench bench, PrintWriter out) {
        double before = bench.matmulPeak();
        Map<String, Measurement> measured = new LinkedHashMap<>();
        measured.put("training", bench.training(steps, Precision.FP32));
        measured.put("sampling", bench.sampling(steps, Precision.FP32));
        if (precision != Precision.FP32) {
            measured.put("training " + precision.label(), bench.training(steps, precision));
            measured.put("sampling " + precision.label(), bench.sampling(steps, precision));
        }
        double peak = Math.max(before, bench.matmulPeak());
        out.printf(Locale.ROOT, "matmul 2048^3 peak  %7.1f GFLOP/s%n", peak);
        print(out, "training step", measured.get("training"), peak);
        print(out, "sampling step", measured.get("sampling"), peak);
        if (precision != Precision.FP32) {
            compare(out, "training", measured);
            compare(out, "sampling", measured);
        }
        if (json != null) {
            Map<String, Object> figures = new LinkedHashMap<>(measured);
            figures.put("matmul_gflops", peak);
            Json.write(json, figures);
        }
    }

    private void compare(PrintWriter out, String name, Map<String, Measurement> measured) {
        Measurement m = measured.get(name + " " + precision.label());
        out.printf(
                Locale.ROOT,
                "%s step in %s  median %.3f s = %.2f times as fast as fp32, fastest %.3f s, slowest %.3f s of %d%n",
                name,
                precision.label(),
                m.median(),
                measured.get(name).median() / m.median(),
                m.fastest(),
                m.slowest(),
                m.count());
    }

    private static void print(PrintWriter out, String name, Measurement m, double peak) {
        out.printf(
                Locale.ROOT,
                "%-18s  %7.1f GFLOP/s = %4.1f%% of peak, median %.3f s, fastest %.3f s, slowest %.3f s of %d%n",
                name,
                m.gigaflops(),
                100 * m.gigaflops() / peak,
                m.median(),
                m.fastest(),
                m.slowest(),
                m.count());
    }
}
