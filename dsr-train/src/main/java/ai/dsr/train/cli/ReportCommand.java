// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.train.run.RunReport;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Writes the report of a run anew. */
@Command(
        name = "report",
        mixinStandardHelpOptions = true,
        description = "Writes report.html of a run folder, also while the run goes on: curves, previews, configuration,"
                + " hashes and times in one page.")
final class ReportCommand implements Callable<Integer> {
    @Parameters(index = "0", paramLabel = "RUN", description = "Run folder of train or train-decoder.")
    private Path run;

    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() {
        spec.commandLine().getOut().println("report: " + RunReport.write(run));
        return 0;
    }
}
