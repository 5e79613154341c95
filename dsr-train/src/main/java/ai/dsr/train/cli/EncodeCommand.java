// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.train.data.EncodedData;
import java.io.PrintWriter;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Encodes a data set and measures its latents, so that training starts at once. */
@Command(
        name = "encode",
        mixinStandardHelpOptions = true,
        description = "Encodes the images of a configuration into the latent cache and measures their statistics.")
final class EncodeCommand implements Callable<Integer> {
    @Mixin
    private ConfigArgument config;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (NDManager manager = common.openManager()) {
            EncodedData data = EncodedData.open(config.load(), manager);
            PrintWriter out = spec.commandLine().getOut();
            out.println("latents:    " + data.latents().size() + " of "
                    + data.latents().sampleShape());
            out.println("training:   " + data.trainSamples().length + ", held out: " + data.heldOutSamples().length);
            out.println("left out:   " + data.latents().corrupt().size() + " that cannot be read");
            out.println("statistics: " + (data.statistics() == null ? "none" : data.statistics()));
        }
        return 0;
    }
}
