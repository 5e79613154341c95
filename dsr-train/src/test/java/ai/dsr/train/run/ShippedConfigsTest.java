// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loss.ReconstructionLoss;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.TrainingConfig;
import ai.dsr.train.task.GanConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ShippedConfigsTest {
    static List<Path> shippedConfigurations() throws IOException {
        try (Stream<Path> files =
                Files.walk(Path.of(System.getProperty("dsr.root", "..")).resolve("configs"))) {
            return files.filter(path -> path.toString().endsWith(".yaml"))
                    .sorted()
                    .toList();
        }
    }

    @ParameterizedTest
    @MethodSource("shippedConfigurations")
    void theTrainerUnderstandsEveryShippedConfiguration(Path shipped) {
        Experiment experiment = Experiment.load(shipped, List.of());
        TrainingConfig training = experiment.config().bind("training", TrainingConfig.class);
        experiment.config().bind("reconstruction", ReconstructionLoss.class, new ReconstructionLoss(1));
        if (experiment.has("gan")) {
            experiment.config().bind("gan", GanConfig.class);
        }
        long last = training.totalSteps(100) - 1;
        double rate = LrSchedule.of(training, 100).rate(last);
        boolean falls = training.scheduler() != null && training.scheduler().finalLr() != null;
        assertTrue(falls ? rate < training.learningRate() : rate == training.learningRate(), "the rate at the end");
    }
}
