// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.run.Doctor;
import ai.dsr.train.run.Finding;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Looks at a configuration before a long run. */
@Command(
        name = "doctor",
        mixinStandardHelpOptions = true,
        description =
                "Checks data, encoder, statistics and decoder, memory, disk and time of a configuration on a sample,"
                        + " and whether the pipeline learns 8 images by heart. Exit code 1 if something fails.")
final class DoctorCommand implements Callable<Integer> {
    @Mixin
    private ConfigArgument config;

    @Mixin
    private CommonOptions common;

    @Option(
            names = "--seconds",
            paramLabel = "S",
            description = "Time of the overfit test; 0 leaves it out (default: ${DEFAULT-VALUE}).")
    private double seconds = 90;

    @Option(names = "--price-per-hour", paramLabel = "P", description = "Price of the machine, for the cost per epoch.")
    private double pricePerHour;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (!(seconds >= 0)) {
            throw new IllegalArgumentException("--seconds: expected 0 or more, got " + seconds);
        }
        if (!(pricePerHour >= 0)) {
            throw new IllegalArgumentException("--price-per-hour: expected 0 or more, got " + pricePerHour);
        }
        Experiment experiment = config.load();
        List<Device> devices = common.devices(experiment.run().device());
        try (NDManager manager = common.openManager(devices.get(0))) {
            Doctor doctor = new Doctor(
                    RecipeOf.experiment(experiment),
                    experiment,
                    manager,
                    new Doctor.Options(seconds, pricePerHour),
                    this::print);
            boolean healthy = doctor.examine();
            spec.commandLine().getOut().println(healthy ? "ready to train" : "not ready: see what failed above");
            return healthy ? 0 : 1;
        }
    }

    private void print(Finding finding) {
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                Locale.ROOT,
                "%-8s %-14s %s%n",
                finding.level().name().toLowerCase(Locale.ROOT),
                finding.subject(),
                finding.detail());
        out.flush();
    }
}
