// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.run.ResumeCheck;
import ai.dsr.train.run.TrainingRun;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Tries out whether a configuration resumes exactly. */
@Command(
        name = "verify-resume",
        mixinStandardHelpOptions = true,
        description =
                "Trains some steps straight, and again with a stop and a resume in between, and compares the hashes"
                        + " of everything that a checkpoint holds. Exit code 1 if anything differs.")
final class VerifyResumeCommand implements Callable<Integer> {
    @Mixin
    private ConfigArgument config;

    @Mixin
    private CommonOptions common;

    @Option(names = "--steps", paramLabel = "K", description = "Steps before the stop (default: ${DEFAULT-VALUE}).")
    private int steps = 3;

    @Option(names = "--more", paramLabel = "M", description = "Steps after it (default: ${DEFAULT-VALUE}).")
    private int more = 3;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        requirePositive("--steps", steps);
        requirePositive("--more", more);
        Experiment experiment = config.load();
        List<Device> devices = common.devices(experiment.run().device());
        List<Device> followers = devices.subList(1, devices.size());
        try (NDManager manager = common.openManager(devices.get(0))) {
            ResumeCheck check = new ResumeCheck(
                    RecipeOf.experiment(experiment),
                    manager,
                    plain -> new TrainingRun.Options(plain.resume(), followers, plain.stop()));
            return print(check.run(experiment, steps, more));
        }
    }

    private static void requirePositive(String option, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(option + ": expected 1 or more, got " + value);
        }
    }

    private int print(List<ResumeCheck.Row> rows) {
        PrintWriter out = spec.commandLine().getOut();
        String format = "%-20s %8s  %-16s  %-16s  %s%n";
        out.printf(Locale.ROOT, format, "", "entries", "straight", "resumed", "");
        String first = null;
        for (ResumeCheck.Row row : rows) {
            String result = row.difference() == null ? "equal" : "differs: " + row.difference();
            out.printf(Locale.ROOT, format, row.what(), row.entries(), row.straight(), row.resumed(), result);
            first = first == null && row.difference() != null ? row.what() + ": " + row.difference() : first;
        }
        out.println(
                first == null
                        ? steps + " + " + more + " steps with a resume equal " + (steps + more) + " straight ones"
                        : "the first difference is in " + first);
        return first == null ? 0 : 1;
    }
}
