// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.sample.config.Experiment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The configuration file of a command, with overrides. */
final class ConfigArgument {
    @Parameters(index = "0", paramLabel = "CONFIG", description = "Configuration file (YAML).")
    private Path file;

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "Replaces a value of the configuration, such as training.global_seed=7. May be repeated.")
    private List<String> overrides = new ArrayList<>();

    Experiment load() {
        return Experiment.load(file, overrides);
    }
}
