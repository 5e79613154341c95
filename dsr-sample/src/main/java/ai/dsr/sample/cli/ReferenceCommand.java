// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Reference statistics of evaluations. */
@Command(
        name = "reference",
        mixinStandardHelpOptions = true,
        description = "Reference files of evaluations.",
        subcommands = ReferenceBuildCommand.class)
public final class ReferenceCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    /** Without a verb: an error. */
    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "expected a command: build");
    }
}
