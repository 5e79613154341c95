// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.dsr.core.config.ConfigException;
import java.util.function.BooleanSupplier;
import picocli.CommandLine;
import picocli.CommandLine.IExecutionExceptionHandler;
import picocli.CommandLine.ParseResult;

/** Turns an exception into one line on the error stream and an exit code. */
public final class ErrorHandler implements IExecutionExceptionHandler {
    /** The work failed. */
    public static final int FAILED = 1;
    /** A value, a file or an option that the user gave is wrong. */
    public static final int USAGE = 2;

    private final BooleanSupplier showStackTraces;

    /** A handler that asks, when there is an error, whether to show where it comes from. */
    public ErrorHandler(BooleanSupplier showStackTraces) {
        this.showStackTraces = showStackTraces;
    }

    @Override
    public int handleExecutionException(Exception error, CommandLine command, ParseResult parsed) {
        if (showStackTraces.getAsBoolean()) {
            error.printStackTrace(command.getErr());
        } else {
            command.getErr().println("error: " + message(error));
        }
        return isUsersValue(error) ? USAGE : FAILED;
    }

    private static boolean isUsersValue(Exception error) {
        return error instanceof ConfigException || error instanceof IllegalArgumentException;
    }

    private static String message(Throwable error) {
        String text = error.getMessage() == null ? error.toString() : error.getMessage();
        return text.lines().findFirst().orElse(text);
    }
}
