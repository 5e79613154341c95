// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.sample.cli.DiscoverCommand;
import ai.dsr.sample.cli.ErrorHandler;
import ai.dsr.sample.cli.EvaluateCommand;
import ai.dsr.sample.cli.ExportCommand;
import ai.dsr.sample.cli.InspectCommand;
import ai.dsr.sample.cli.ReconstructCommand;
import ai.dsr.sample.cli.ReferenceCommand;
import ai.dsr.sample.cli.RemakeCommand;
import ai.dsr.sample.cli.RetrievalCommand;
import ai.dsr.sample.cli.SampleCommand;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;
import picocli.CommandLine.Spec;

/** The {@code dsr} command: all verbs of training and sampling. */
@Command(
        name = "dsr",
        mixinStandardHelpOptions = true,
        version = "dsr 0.1.0",
        description = "Trains and samples diffusion transformers with registers.",
        subcommands = {
            QuickstartCommand.class,
            TrainDecoderCommand.class,
            TrainCommand.class,
            BundleCommand.class,
            ConvertCommand.class,
            SampleCommand.class,
            RemakeCommand.class,
            ExportCommand.class,
            RetrievalCommand.class,
            ReconstructCommand.class,
            InspectCommand.class,
            DiscoverCommand.class,
            EvaluateCommand.class,
            ReferenceCommand.class,
            EncodeCommand.class,
            VerifyResumeCommand.class,
            ReportCommand.class,
            EmaCommand.class,
            DoctorCommand.class,
            BenchCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Dsr implements Runnable {
    @Option(names = "--debug", scope = ScopeType.INHERIT, description = "Show the stack trace of an error.")
    private boolean debug;

    @Spec
    private CommandSpec spec;

    /** Without a verb: an error. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(
                spec.commandLine(),
                "expected a command, one of "
                        + String.join(", ", spec.subcommands().keySet()));
    }

    /** Runs the command line and ends the process with its exit code. */
    public static void main(String[] args) {
        System.setProperty("logback.configurationFile", "ai/dsr/train/cli/logback-cli.xml");
        int code = commandLine().execute(args);
        if (code != 0) {
            System.exit(code);
        }
    }

    /** Runs a command line with the given streams; returns the exit code. */
    static int execute(PrintWriter out, PrintWriter err, String... args) {
        return commandLine().setOut(out).setErr(err).execute(args);
    }

    private static CommandLine commandLine() {
        Dsr dsr = new Dsr();
        return new CommandLine(dsr)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler(new ErrorHandler(() -> dsr.debug))
                .setParameterExceptionHandler(new UsageHandler());
    }
}
