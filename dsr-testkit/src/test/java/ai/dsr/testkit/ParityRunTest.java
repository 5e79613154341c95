// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.opentest4j.TestAbortedException;

@ExtendWith(LeakCheck.class)
class ParityRunTest {
    private static final KindHandler DOUBLES =
            (fixture, out) -> out.check("y", fixture.in("x").mul(2));

    @TempDir
    private Path root;

    private Kinds kinds;

    @BeforeEach
    void listOneKindOfOneModule() {
        kinds = new Kinds().in("dsr-a", "a.double").in("dsr-b", "b.other").pending("a.later");
    }

    @Test
    void aRightResultPasses() throws IOException {
        doubling().write("a.double", "one");
        assertDoesNotThrow(() -> runCase(DOUBLES));
        JsonNode line = reportLine();
        assertEquals("a.double", line.get("kind").asText());
        assertEquals("one", line.get("case").asText());
        assertEquals("passed", line.get("status").asText());
        assertEquals("out/y", line.get("output").asText());
        assertEquals(0, line.get("worst").asDouble());
    }

    @Test
    void aWrongValueFailsAndNamesTheWorstElement() throws IOException {
        doubling().write("a.double", "one");
        String message = failure((fixture, out) -> out.check("y", new float[] {2, 4, 6.5f}));
        assertTrue(message.contains("out/y: expected 6.0 +- 0.0100, got 6.5 at [2]; 1 of 3"), message);
        assertEquals("failed", reportLine().get("status").asText());
        assertEquals(50, reportLine().get("worst").asDouble(), 1e-6);
        assertTrue(reportLine().get("message").asText().contains("got 6.5"));
    }

    @Test
    void aWrongShapeFails() throws IOException {
        doubling().write("a.double", "one");
        String message = failure((fixture, out) -> out.check("y", new float[] {2, 4, 6}, 1, 3));
        assertTrue(message.contains("out/y: expected shape (3), got (1, 3)"), message);
        assertEquals(1e300, reportLine().get("worst").asDouble());
    }

    @Test
    void aWrongClassOfTypeFails() throws IOException {
        doubling().write("a.double", "one");
        String message = failure((fixture, out) -> out.check("y", new long[] {2, 4, 6}));
        assertTrue(message.contains("expected a type that is floating, got int64"), message);
    }

    @Test
    void aMissingOutputFails() throws IOException {
        doubling().floats("out/z", "[1]", 1).write("a.double", "one");
        assertTrue(failure(DOUBLES).contains("out/z: expected a result, got none"));
    }

    @Test
    void aMissingGradientFails() throws IOException {
        doubling().floats("grad/w", "[1]", 1).write("a.double", "one");
        assertTrue(failure(DOUBLES).contains("grad/w: expected a result, got none"));
    }

    @Test
    void aWrongGradientFails() throws IOException {
        doubling().floats("grad/w", "[1]", 1).write("a.double", "one");
        String message = failure((fixture, out) -> {
            DOUBLES.run(fixture, out);
            out.checkGrad("w", fixture.grad("w").add(0.02));
        });
        assertTrue(message.contains("grad/w: expected 1.0"), message);
        assertEquals("grad/w", reportLine().get("output").asText());
    }

    @Test
    void aResultThatTheCaseDoesNotStoreFails() throws IOException {
        doubling().write("a.double", "one");
        String message = failure((fixture, out) -> {
            DOUBLES.run(fixture, out);
            out.check("extra", 1.0);
        });
        assertTrue(message.contains("out/extra: expected one of [y]"), message);
    }

    @Test
    void nanFailsAndIsReportedAsANumber() throws IOException {
        doubling().write("a.double", "one");
        String message = failure((fixture, out) -> out.check("y", new float[] {2, Float.NaN, 6}));
        assertTrue(message.contains("got NaN at [1]"), message);
        assertEquals(1e300, reportLine().get("worst").asDouble());
    }

    @Test
    void anUnreadConfigKeyFails() throws IOException {
        doubling().config("{\"scale\": 2, \"model\": {\"depth\": 3}}").write("a.double", "one");
        String message = failure((fixture, out) -> {
            DOUBLES.run(fixture, out);
            fixture.keys().require("scale");
            fixture.keys().object("model");
        });
        assertTrue(message.contains("config.model.depth: expected every key"), message);
        assertTrue(!message.contains("config.scale"), message);
    }

    @Test
    void anExceptionOfTheHandlerFails() throws IOException {
        doubling().write("a.double", "one");
        String message = failure((fixture, out) -> {
            throw new IOException("disk on fire");
        });
        assertTrue(message.contains("disk on fire"), message);
        assertEquals("failed", reportLine().get("status").asText());
    }

    @Test
    void anUnsupportedCaseFailsUnlessItIsPending() throws IOException {
        doubling().write("a.double", "one");
        KindHandler refuses = (fixture, out) -> {
            throw new UnsupportedCaseException("scale 7");
        };
        assertTrue(failure(refuses).contains("scale 7"));
        assertEquals("unsupported", reportLine().get("status").asText());
        kinds.pendingCases("a.double", "not yet", (name, config) -> name.equals("one"));
        assertThrows(TestAbortedException.class, () -> runCase(refuses));
        assertEquals("unsupported", reportLine().get("status").asText());
    }

    @Test
    void aPendingCaseThatPassesFailsSoThatTheMarkIsRemoved() throws IOException {
        kinds.pendingCases("a.double", "not yet", (name, config) -> true);
        doubling().write("a.double", "one");
        assertTrue(failure(DOUBLES).contains("remove the rule from Kinds"));
    }

    @Test
    void aMalformedTensorFileFailsItsCaseAlone() throws IOException {
        doubling().write("a.double", "one");
        Path broken = doubling().write("a.double", "two");
        Files.write(broken.resolve("tensors.safetensors"), new byte[] {1, 2, 3});
        List<DynamicTest> tests = tests(Map.of("a.double", DOUBLES), false);
        assertDoesNotThrow(() -> test(tests, "a.double/one").getExecutable().execute());
        assertThrows(
                AssertionError.class,
                () -> test(tests, "a.double/two").getExecutable().execute());
        assertEquals(2, Files.readAllLines(root.resolve("target/parity.jsonl")).size());
    }

    @Test
    void handlersMustBeThoseThatKindsListsForTheModule() throws IOException {
        doubling().write("a.double", "one");
        String name = "dsr-a has a handler for each of its kinds";
        assertDoesNotThrow(() -> execute(Map.of("a.double", DOUBLES), false, name));
        for (Map<String, KindHandler> wrong : List.<Map<String, KindHandler>>of(
                Map.of(),
                Map.of("a.double", DOUBLES, "a.later", DOUBLES),
                Map.of("a.double", DOUBLES, "b.other", DOUBLES))) {
            AssertionError error = assertThrows(AssertionError.class, () -> execute(wrong, false, name));
            assertTrue(error.getMessage().contains("expected handlers for [a.double]"), error.getMessage());
        }
    }

    @Test
    void anUnknownKindIsShownAndFailsWhenStrict() throws IOException {
        doubling().write("c.new", "one");
        doubling().write("a.later", "one");
        String name = "unknown kind c.new (1 cases)";
        assertDoesNotThrow(() -> execute(Map.of("a.double", DOUBLES), false, name));
        assertThrows(AssertionError.class, () -> execute(Map.of("a.double", DOUBLES), true, name));
    }

    @Test
    void theSummaryCountsAllCases() throws Throwable {
        doubling().write("a.double", "one");
        doubling().write("c.new", "one");
        ParityRun run = new ParityRun("dsr-a", Map.of("a.double", DOUBLES), settings(false));
        List<DynamicTest> tests = run.tests().toList();
        test(tests, "a.double/one").getExecutable().execute();
        assertEquals(
                "parity: 1 passed, 0 failed, 0 unsupported; pending kinds: [a.later]; unknown kinds: [c.new]",
                run.summary());
        assertEquals("summary of dsr-a", tests.get(tests.size() - 1).getDisplayName());
    }

    @Test
    void aRootWithoutCasesIsAnError() {
        IllegalArgumentException empty =
                assertThrows(IllegalArgumentException.class, () -> tests(Map.of("a.double", DOUBLES), false));
        assertTrue(empty.getMessage().contains("got none in"), empty.getMessage());
        ParitySettings nowhere =
                new ParitySettings(root.resolve("absent"), root.resolve("target/parity.jsonl"), false, kinds);
        IllegalArgumentException absent =
                assertThrows(IllegalArgumentException.class, () -> new ParityRun("dsr-a", Map.of(), nowhere).tests());
        assertTrue(absent.getMessage().contains("expected a folder of golden cases"), absent.getMessage());
    }

    private CaseWriter doubling() {
        return new CaseWriter(root).floats("in/x", "[3]", 1, 2, 3).floats("out/y", "[3]", 2, 4, 6);
    }

    private ParitySettings settings(boolean strict) {
        return new ParitySettings(root, root.resolve("target/parity.jsonl"), strict, kinds);
    }

    private List<DynamicTest> tests(Map<String, KindHandler> handlers, boolean strict) {
        return new ArrayList<>(
                new ParityRun("dsr-a", handlers, settings(strict)).tests().toList());
    }

    private static DynamicTest test(List<DynamicTest> tests, String name) {
        return tests.stream()
                .filter(test -> test.getDisplayName().equals(name))
                .findFirst()
                .orElseThrow();
    }

    private void execute(Map<String, KindHandler> handlers, boolean strict, String name) throws Throwable {
        test(tests(handlers, strict), name).getExecutable().execute();
    }

    private void runCase(KindHandler handler) throws Throwable {
        execute(Map.of("a.double", handler), false, "a.double/one");
    }

    private String failure(KindHandler handler) {
        return assertThrows(AssertionError.class, () -> runCase(handler)).getMessage();
    }

    private JsonNode reportLine() throws IOException {
        List<String> lines = Files.readAllLines(root.resolve("target/parity.jsonl"));
        assertEquals(1, lines.size());
        return new ObjectMapper().readTree(lines.get(0));
    }
}
