// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.StopRequest;
import ai.dsr.train.loop.TrainLoop;
import ai.dsr.train.run.DecoderRun;
import ai.dsr.train.run.TrainingRun;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Trains the decoder of the autoencoder. */
@Command(
        name = "train-decoder",
        mixinStandardHelpOptions = true,
        description = "Trains the decoder of the autoencoder on the latents of the frozen encoder.")
final class TrainDecoderCommand implements Callable<Integer> {
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
                    DecoderRun::open, experiment, manager, new TrainingRun.Options(resume, new StopRequest()));
            spec.commandLine().getOut().println("checkpoint: " + outcome.checkpoint());
            spec.commandLine()
                    .getOut()
                    .println("decoder:    " + experiment.run().dir().resolve(DecoderRun.DECODER));
        }
        return 0;
    }
}
