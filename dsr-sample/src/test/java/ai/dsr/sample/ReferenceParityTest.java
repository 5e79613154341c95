// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample;

import ai.dsr.sample.export.ExportCases;
import ai.dsr.testkit.ParityRunner;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The golden cases of this module. */
class ReferenceParityTest {
    @TestFactory
    Stream<DynamicTest> casesMatchTheReference() {
        return ParityRunner.tests(
                "dsr-sample",
                Map.of(
                        "eval.dpg", ExportCases::dpg,
                        "eval.geneval", ExportCases::genEval,
                        "eval.fd_encoder", EvaluationCases::encoderDistance,
                        "eval.inception", EvaluationCases::inception,
                        "eval.to_uint8", EvaluationCases::toBytes,
                        "image.metrics", EvaluationCases::imageMetrics));
    }
}
