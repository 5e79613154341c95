// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.dsr.testkit.KindHandler;
import ai.dsr.testkit.ParityRunner;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** Golden numbers of models, transport and guidance. */
class ReferenceParityTest {
    @TestFactory
    Stream<DynamicTest> casesMatchTheReference() {
        Map<String, KindHandler> handlers = new HashMap<>(ModelParity.HANDLERS);
        handlers.putAll(TransportParity.HANDLERS);
        return ParityRunner.tests("dsr-dit", handlers);
    }
}
