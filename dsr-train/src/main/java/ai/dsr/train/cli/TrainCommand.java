// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.StopRequest;
import ai.dsr.train.loop.TrainLoop;
import ai.dsr.train.run.DenoiserRun;
import ai.dsr.train.run.TrainingRun;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains a denoiser. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains a diffusion transformer on the latents of the frozen encoder.")
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private ConfigArgument config;

    @Mixin
    private CommonOptions common;

    @Option(names = "--resume", description = "Continue from the newest checkpoint of the run folder.")
    private boolean resume;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Experiment experiment = config.load();
        try (NDManager manager = common.openManager()) {
            TrainLoop.Outcome outcome = TrainingRun.train(
                    DenoiserRun::open, experiment, manager, new TrainingRun.Options(resume, new StopRequest()));
            PrintWriter out = spec.commandLine().getOut();
            out.println("checkpoint: " + outcome.checkpoint());
            out.println("sample it:  ./dsr sample " + experiment.run().dir());
        }
        return 0;
    }
}
