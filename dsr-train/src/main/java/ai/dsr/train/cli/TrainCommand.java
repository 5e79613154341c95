// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.TrainLoop;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Trains a denoiser. */
@Command(
        name = "train",
        mixinStandardHelpOptions = true,
        description = "Trains a diffusion transformer on the latents of the frozen encoder.")
final class TrainCommand implements Callable<Integer> {
    @Mixin
    private RunArguments arguments;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Experiment experiment = arguments.load();
        TrainLoop.Outcome outcome = arguments.train(RecipeOf.denoiser(experiment), experiment);
        arguments.print(
                outcome, spec, "sample it:  ./dsr sample " + experiment.run().dir());
        return 0;
    }
}
