// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import ai.djl.ndarray.NDManager;
import ai.dsr.testkit.CaseResult.Status;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.opentest4j.TestAbortedException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One run over a folder of cases: what {@link ParityRunner} does, with all settings explicit. */
final class ParityRun {
    private static final Logger LOG = LoggerFactory.getLogger(ParityRun.class);

    private final String module;
    private final Map<String, KindHandler> handlers;
    private final ParitySettings settings;
    private final ParityReport report;
    private final Map<String, Integer> unknown = new TreeMap<>();

    ParityRun(String module, Map<String, KindHandler> handlers, ParitySettings settings) {
        EngineSetup.ensure();
        this.module = module;
        this.handlers = Map.copyOf(handlers);
        this.settings = settings;
        report = new ParityReport(settings.report());
    }

    /** Lists the tests; the cases run when the tests do, in the order of their paths, the summary last. */
    Stream<DynamicTest> tests() {
        List<DynamicTest> tests = new ArrayList<>();
        tests.add(DynamicTest.dynamicTest(module + " has a handler for each of its kinds", this::checkHandlers));
        List<CaseFile> cases = CaseFile.find(settings.root());
        if (cases.isEmpty()) {
            throw new IllegalArgumentException(
                    "dsr.parity: expected cases (<kind>/<case>/case.json), got none in " + settings.root());
        }
        for (CaseFile file : cases) {
            if (handlers.containsKey(file.kind())) {
                tests.add(DynamicTest.dynamicTest(file.id(), () -> run(file)));
            } else if (!settings.kinds().isKnown(file.kind())) {
                unknown.merge(file.kind(), 1, Integer::sum);
            }
        }
        unknown.forEach((kind, count) -> tests.add(DynamicTest.dynamicTest(
                "unknown kind " + kind + " (" + count + " cases)", () -> checkUnknown(kind, count))));
        tests.add(DynamicTest.dynamicTest("summary of " + module, () -> LOG.info("{}", summary())));
        return tests.stream();
    }

    /** What has happened so far, in one line. */
    String summary() {
        return String.format(
                Locale.ROOT,
                "parity: %d passed, %d failed, %d unsupported; pending kinds: %s; unknown kinds: %s",
                report.count(Status.PASSED),
                report.count(Status.FAILED),
                report.count(Status.UNSUPPORTED),
                sorted(settings.kinds().pending()),
                unknown.keySet());
    }

    private void checkHandlers() {
        Set<String> expected = settings.kinds().of(module);
        if (!expected.equals(handlers.keySet())) {
            throw new AssertionError(module + ": expected handlers for " + sorted(expected) + ", got "
                    + sorted(handlers.keySet()) + "; Kinds lists which module runs a kind and which are pending");
        }
    }

    private void checkUnknown(String kind, int count) {
        if (settings.isStrict()) {
            throw new AssertionError(
                    kind + ": expected a kind that Kinds lists, got " + count + " cases of an unknown one");
        }
        LOG.warn("parity: unknown kind {} ({} cases) is not run", kind, count);
    }

    private void run(CaseFile file) {
        CaseResult result = execute(file);
        report.add(result);
        Optional<String> pending = settings.kinds().pendingReason(file.kind(), file.name(), file.config());
        switch (result.status()) {
            case PASSED ->
                pending.ifPresent(reason -> {
                    throw new AssertionError(file.id() + ": expected to be unsupported (" + reason
                            + "), got a pass; remove the rule from Kinds");
                });
            case FAILED -> throw new AssertionError(file.id() + ": " + result.message(), result.cause());
            case UNSUPPORTED -> {
                if (pending.isPresent()) {
                    throw new TestAbortedException(file.id() + " is pending: " + pending.get());
                }
                throw new AssertionError(
                        file.id() + ": expected a supported case, got " + result.message(), result.cause());
            }
        }
    }

    private CaseResult execute(CaseFile file) {
        try (NDManager manager = EngineSetup.newManager()) {
            FixtureCase fixture = FixtureCase.load(file, manager);
            Checker checker = new Checker(fixture);
            handlers.get(file.kind()).run(fixture, checker);
            return CaseResult.of(file, checker);
        } catch (UnsupportedCaseException e) {
            return CaseResult.unsupported(file, e);
        } catch (Throwable e) { // whatever it is, the report must have its line; run() raises it again
            return CaseResult.failed(file, e);
        }
    }

    private static List<String> sorted(Set<String> names) {
        return names.stream().sorted().toList();
    }
}
