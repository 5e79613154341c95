// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.dsr.testkit.ParityRunner;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Golden numbers of optimiser, learning rate and whole training steps. */
class ReferenceParityTest {
    @TestFactory
    Stream<DynamicTest> casesMatchTheReference() {
        return ParityRunner.tests(
                "dsr-train",
                Map.of(
                        "config.yaml", ConfigCases::resolve,
                        "stage1.loss", LossCases::run,
                        "stage1.steps", GanStepCases::steps,
                        "train.adamw", OptimizerCases::adamW,
                        "train.schedule", OptimizerCases::schedule,
                        "train.steps", StepCases::steps));
    }
}
