// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.sample.bundle.Bundle;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Collects what sampling needs from a run folder. */
@Command(
        name = "bundle",
        mixinStandardHelpOptions = true,
        description = "Copies the averaged denoiser, decoder and statistics of a run into one folder, as float16.")
final class BundleCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "Run folder of train, or another bundle.")
    private Path run;

    @Option(names = "--out", required = true, paramLabel = "DIR", description = "The bundle to write.")
    private Path out;

    @Option(
            names = "--encoder",
            paramLabel = "PATH",
            description = "How the bundle refers to its encoder, relative to itself (default: the way to the run's).")
    private String encoder;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        Bundle.open(run).write(out, encoder);
        spec.commandLine().getOut().println("bundle: " + out);
        return 0;
    }
}
