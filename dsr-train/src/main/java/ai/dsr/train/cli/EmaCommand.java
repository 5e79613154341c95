// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.ndarray.NDManager;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.run.PostHocEma;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Makes an average of any length from the snapshots of a run. */
@Command(
        name = "ema",
        mixinStandardHelpOptions = true,
        description =
                "Writes averaged weights of a length that is chosen after training, from the snapshots of a run with"
                        + " training.power_ema.")
final class EmaCommand implements Callable<Integer> {
    private static final double POOR_FIT = 0.05;

    @Parameters(index = "0", paramLabel = "RUN", description = "Run folder.")
    private Path run;

    @Option(
            names = "--length",
            required = true,
            paramLabel = "L",
            description = "Relative width of the average: 0.1 looks back over about a tenth of the training.")
    private double length;

    @Option(
            names = "--step",
            paramLabel = "N",
            description = "The step of a snapshot at which the average ends (default: the newest).")
    private Long step;

    @Option(
            names = "--bundle",
            paramLabel = "DIR",
            description = "Write a bundle with these weights as well, to sample from.")
    private Path bundle;

    @Option(names = "--out", required = true, paramLabel = "FILE", description = "The safetensors file to write.")
    private Path out;

    @Mixin
    private CommonOptions common;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        try (NDManager manager = common.openManager()) {
            PostHocEma.Result result = PostHocEma.write(manager, run, length, step, out);
            PrintWriter writer = spec.commandLine().getOut();
            writer.printf(
                    Locale.ROOT,
                    "weights: %s, an average of length %s until step %d, of %d snapshots; its profile is off by %.2f%%%n",
                    out,
                    length,
                    result.step(),
                    result.snapshots(),
                    100 * result.error());
            if (result.error() > POOR_FIT) {
                writer.println(
                        "note: a poor fit; store snapshots more often, or track lengths on both sides of this one");
            }
            if (bundle != null) {
                Bundle source = Bundle.open(run);
                Experiment experiment = source.experiment().withPath("stage_2.ckpt", out.toAbsolutePath());
                new Bundle(experiment, source.manifest()).write(bundle, null);
                writer.println("sample them: ./dsr sample " + bundle);
            }
        }
        return 0;
    }
}
