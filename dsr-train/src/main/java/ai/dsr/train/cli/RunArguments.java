// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.dsr.sample.cli.CommonOptions;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.StopRequest;
import ai.dsr.train.loop.TrainLoop;
import ai.dsr.train.run.TrainingJob;
import ai.dsr.train.run.TrainingRun;
import java.util.List;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The arguments that all commands which train have, and how they run. */
final class RunArguments {
    @Mixin
    private ConfigArgument config;

    @Mixin
    private CommonOptions common;

    @Option(names = "--resume", description = "Continue from the newest checkpoint of the run folder.")
    private boolean resume;

    Experiment load() {
        return config.load();
    }

    /** Trains on the devices of the option or of the configuration. */
    TrainLoop.Outcome train(TrainingJob.Recipe recipe, Experiment experiment) {
        List<Device> devices = common.devices(experiment.run().device());
        try (NDManager manager = common.openManager(devices.get(0))) {
            TrainingRun.Options options =
                    new TrainingRun.Options(resume, devices.subList(1, devices.size()), new StopRequest());
            return TrainingRun.train(recipe, experiment, manager, options);
        }
    }
}
