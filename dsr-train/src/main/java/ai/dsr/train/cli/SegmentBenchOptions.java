// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.Json;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.bench.SegmentBench;
import ai.dsr.train.bench.SegmentBench.Cost;
import ai.dsr.train.optim.TrainingConfig;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Option;

/** The part of {@code bench} that measures activation checkpointing, each number of segments in a process of its own. */
final class SegmentBenchOptions {
    @Option(
            names = "--segments",
            paramLabel = "N,N,..",
            split = ",",
            description = {
                "Instead: peak memory and time of a training step whose blocks form so many segments that are computed"
                        + " twice; 0 keeps all activations. Each number runs in a process of its own.",
                "DiT of width 192, depth 12, 36 registers from block 4, 256 tokens, batch 8, or that of --config."
            })
    private List<Integer> segments;

    @Option(
            names = "--config",
            paramLabel = "YAML",
            description = "With --segments: model and training of a configuration.")
    private Path config;

    @Option(names = "--set", paramLabel = "KEY=VALUE", description = "Replaces a value of the configuration.")
    private List<String> overrides = List.of();

    /** What a process that has been started measures; its figures go to {@code --json}. */
    @Option(names = "--alone", hidden = true)
    private Integer alone;

    boolean isGiven() {
        return segments != null || alone != null;
    }

    void requireNoConfigurationAlone() {
        if (config != null) {
            throw new IllegalArgumentException("--config: expected --segments with it, got none");
        }
    }

    void run(CommonOptions common, int steps, Path json, PrintWriter out) {
        if (alone != null) {
            Json.write(json, measure(common, steps));
            return;
        }
        for (int count : segments) {
            if (count < 0) {
                throw new IllegalArgumentException("--segments: expected numbers of 0 or more, got " + count);
            }
        }
        open(); // a fault of the configuration shows here, in one line
        List<Cost> costs = new ArrayList<>();
        out.println("segments  peak MiB  before steps  median step  of the first  fastest  slowest");
        for (int count : segments) {
            Cost cost = inProcessOfItsOwn(count, common, steps);
            costs.add(cost);
            out.printf(
                    Locale.ROOT,
                    "%-8d  %8d  %12d  %9.3f s  %12.2f  %5.3f s  %5.3f s%n",
                    count,
                    cost.peakMegabytes(),
                    cost.stateMegabytes(),
                    cost.median(),
                    cost.median() / costs.get(0).median(),
                    cost.fastest(),
                    cost.slowest());
            out.flush();
        }
        if (json != null) {
            Json.write(json, Map.of("segments", costs));
        }
    }

    private Cost measure(CommonOptions common, int steps) {
        try (NDManager manager = common.openManager()) {
            Subject subject = open();
            return SegmentBench.measure(manager, subject.model, subject.training, alone, steps);
        }
    }

    private record Subject(DiffusionTransformer model, TrainingConfig training) {}

    private Subject open() {
        if (config == null) {
            return new Subject(SegmentBench.smallModel(), SegmentBench.smallTraining());
        }
        Experiment experiment = Experiment.load(config, overrides);
        return new Subject(experiment.denoiser(), experiment.config().bind("training", TrainingConfig.class));
    }

    private Cost inProcessOfItsOwn(int count, CommonOptions common, int steps) {
        try {
            Path folder = Files.createTempDirectory("dsr-bench");
            Path figures = folder.resolve("figures.json");
            Path log = folder.resolve("log");
            Process process = new ProcessBuilder(command(count, common, steps, figures))
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile())
                    .start();
            try {
                int code = process.waitFor();
                if (code != 0 || !Files.exists(figures)) {
                    throw new IllegalStateException("bench: expected figures of " + count + " segments, got exit code "
                            + code + " and: " + Files.readString(log).strip());
                }
                return Json.read(figures, Cost.class);
            } finally {
                process.destroy();
                Files.deleteIfExists(figures);
                Files.deleteIfExists(log);
                Files.deleteIfExists(folder);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("bench: cannot start a process", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("bench: interrupted", e);
        }
    }

    /** This program again, with the same flags of the JVM. */
    private List<String> command(int count, CommonOptions common, int steps, Path figures) {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(ManagementFactory.getRuntimeMXBean().getInputArguments());
        command.addAll(List.of("-cp", System.getProperty("java.class.path"), Dsr.class.getName(), "bench"));
        command.addAll(List.of("--alone", Integer.toString(count), "--steps", Integer.toString(steps)));
        command.addAll(List.of("--json", figures.toString()));
        if (config != null) {
            command.addAll(List.of("--config", config.toString()));
        }
        overrides.forEach(value -> command.addAll(List.of("--set", value)));
        command.addAll(common.arguments());
        return command;
    }
}
