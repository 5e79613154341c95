// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.StopRequest;
import ai.dsr.train.loop.TrainLoop;
import ai.dsr.train.run.TrainingJob;
import ai.dsr.train.run.TrainingRun;
import java.io.PrintWriter;
import java.util.List;
import java.util.regex.Pattern;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;

/** The arguments that all commands which train have, and how they run. */
final class RunArguments {
    private static final Pattern SAFE = Pattern.compile("[\\w./:=,+-]+");

    @Mixin
    private ConfigArgument config;

    @Mixin
    private CommonOptions common;

    @Option(names = "--resume", description = "Continue from the newest checkpoint of the run folder.")
    private boolean resume;

    Experiment load() {
        return config.load();
    }

    /** Trains on the devices of the option or of the configuration. */
    TrainLoop.Outcome train(TrainingJob.Recipe recipe, Experiment experiment) {
        List<Device> devices = common.devices(experiment.run().device());
        StopRequest stop = new StopRequest();
        Interrupts interrupts = Interrupts.to(stop);
        try (NDManager manager = common.openManager(devices.get(0))) {
            TrainingRun.Options options = new TrainingRun.Options(resume, devices.subList(1, devices.size()), stop);
            return TrainingRun.train(recipe, experiment, manager, options);
        } finally {
            interrupts.restore();
        }
    }

    /** Says how the run ended: what to do next, or how to go on after a stop. */
    void print(TrainLoop.Outcome outcome, CommandSpec spec, String next) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("checkpoint: " + outcome.checkpoint());
        out.println(
                outcome.finished()
                        ? next
                        : "stopped after step " + outcome.step() + "; go on with: " + resumeCommand(spec));
    }

    /** The command line as it was given, with {@code --resume}. */
    private String resumeCommand(CommandSpec spec) {
        StringBuilder command = new StringBuilder("./dsr");
        for (String argument : spec.root().commandLine().getParseResult().originalArgs()) {
            command.append(' ').append(SAFE.matcher(argument).matches() ? argument : "'" + argument + "'");
        }
        return resume ? command.toString() : command.append(" --resume").toString();
    }
}
