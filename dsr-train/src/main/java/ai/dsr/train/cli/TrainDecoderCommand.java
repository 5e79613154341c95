// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.TrainLoop;
import ai.dsr.train.run.DecoderRun;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains the decoder of the autoencoder. */
@Command(
        name = "train-decoder",
        mixinStandardHelpOptions = true,
        description =
                "Trains the decoder of the autoencoder on the latents of the frozen encoder: for reconstruction, or by"
                        + " L1, LPIPS and a discriminator if the configuration has a section gan.")
final class TrainDecoderCommand implements Callable<Integer> {
    @Mixin
    private RunArguments arguments;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Experiment experiment = arguments.load();
        TrainLoop.Outcome outcome = arguments.train(DecoderRun::open, experiment);
        arguments.print(outcome, spec, "decoder:    " + experiment.run().dir().resolve(DecoderRun.DECODER));
        return 0;
    }
}
