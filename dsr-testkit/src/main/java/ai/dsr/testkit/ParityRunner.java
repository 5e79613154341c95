// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;

/**
 * Runs a module's golden cases as dynamic tests, one a case, named {@code kind/case}.
 *
 * <p>System properties: {@code dsr.parity} is the folder of the cases (default: {@code fixtures/} of the project, whose
 * root is {@code dsr.root} or found upwards from the module; a relative folder is taken from that root);
 * {@code dsr.parity.strict} makes a kind that {@link Kinds} does not list a failure. Results are also written to
 * {@code target/parity.jsonl} of the module.
 *
 * <pre>{@code
 * @TestFactory
 * Stream<DynamicTest> casesMatchTheReference() {
 *     return ParityRunner.tests("dsr-core", Map.of("image.preprocess", ReferenceParityTest::preprocess));
 * }
 * }</pre>
 */
public final class ParityRunner {
    private ParityRunner() {}

    /**
     * Returns the tests of {@code module}: a check of {@code handlers} against {@link Kinds}, every case that has a
     * handler, a line for each unknown kind, and a summary.
     *
     * @param module the module's name, for example {@code dsr-dit}
     * @param handlers what runs a case, by kind
     */
    public static Stream<DynamicTest> tests(String module, Map<String, KindHandler> handlers) {
        return new ParityRun(module, handlers, ParitySettings.fromProperties()).tests();
    }
}
