// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.sample.cli.ErrorHandler;
import java.io.PrintWriter;
import picocli.CommandLine;
import picocli.CommandLine.IParameterExceptionHandler;
import picocli.CommandLine.ParameterException;

/** A wrong command line: one line that says what is wrong and where the help is. */
final class UsageHandler implements IParameterExceptionHandler {
    @Override
    public int handleParseException(ParameterException error, String[] args) {
        CommandLine command = error.getCommandLine();
        PrintWriter err = command.getErr();
        err.println("error: " + error.getMessage().lines().findFirst().orElse("wrong usage") + "; see "
                + command.getCommandSpec().qualifiedName() + " --help");
        return ErrorHandler.USAGE;
    }
}
