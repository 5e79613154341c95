// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.junit.platform.launcher.listeners.TestExecutionSummary;

/** Runs sample tests in a launcher of its own and looks at what becomes of them. */
class ExtensionsTest {
    private static final List<AutoCloseable> LEFT = new ArrayList<>();
    private static final List<Long> SEEDS = new ArrayList<>();

    @AfterEach
    void closeWhatTheSamplesLeft() throws Exception {
        for (AutoCloseable resource : LEFT) {
            resource.close();
        }
        LEFT.clear();
        SEEDS.clear();
        System.clearProperty(SeededInvocations.SEED);
    }

    @Test
    void aLeftArrayIsALeak() {
        String message = onlyFailure(run(Leaks.class, "leavesAnArray"));
        assertTrue(message.contains("got 2 ("), message);
        assertTrue(message.contains("array (2, 3) float32"), message);
    }

    @Test
    void aLeftEmptyManagerIsALeak() {
        String message = onlyFailure(run(Leaks.class, "leavesAManager"));
        assertTrue(message.contains("got 1 (manager "), message);
    }

    @Test
    void anEqualArrayCreatedInPlaceOfAnotherIsALeak() {
        String message = onlyFailure(run(Leaks.class, "replacesAnArray", NDManager.class.getName()));
        assertTrue(message.contains("array (1) float32"), message);
    }

    @Test
    void processWideManagersAreNotCounted() {
        assertEquals(1, run(Leaks.class, "fillsAProcessWideManager").getTestsSucceededCount());
    }

    @Test
    void theManagerOfAParameterIsClosedByTheExtension() {
        assertEquals(
                1, run(Leaks.class, "usesAParameter", NDManager.class.getName()).getTestsSucceededCount());
    }

    @Test
    void aFailedTestKeepsItsOwnMessage() {
        assertEquals("its own", onlyFailure(run(Leaks.class, "failsAndLeaks")));
    }

    @Test
    void aSeededTestRunsOncePerSeed() {
        TestExecutionSummary summary = run(Seeds.class, "collects", "long");
        assertEquals(List.of(0L, 1L, 2L), SEEDS);
        assertEquals(3, summary.getTestsSucceededCount());
    }

    @Test
    void aSeededFailureNamesTheSeedAndTheCommand() {
        String message = onlyFailure(run(Seeds.class, "failsForOne", "long"));
        assertTrue(message.startsWith("seed 1: "), message);
        assertTrue(message.contains("odd seed"), message);
        assertTrue(message.contains("-Dtest=Seeds#failsForOne ") && message.endsWith(" -Ddsr.seed=1"), message);
    }

    @Test
    void thePropertySelectsOneSeed() {
        System.setProperty(SeededInvocations.SEED, "41");
        run(Seeds.class, "collects", "long");
        assertEquals(List.of(41L), SEEDS);
    }

    @Test
    void aSeedThatIsNoNumberAndAMethodWithoutSeedAreErrors() {
        assertTrue(onlyFailure(run(Seeds.class, "takesNoSeed")).contains("expected a parameter of type long"));
        System.setProperty(SeededInvocations.SEED, "x");
        String message = onlyFailure(run(Seeds.class, "collects", "long"));
        assertTrue(message.contains("dsr.seed: expected a whole number, got x"), message);
    }

    private static TestExecutionSummary run(Class<?> type, String method, String... parameter) {
        SummaryGeneratingListener listener = new SummaryGeneratingListener();
        LauncherFactory.create()
                .execute(
                        LauncherDiscoveryRequestBuilder.request()
                                .selectors(selectMethod(type, method, String.join(",", parameter)))
                                .build(),
                        listener);
        return listener.getSummary();
    }

    private static String onlyFailure(TestExecutionSummary summary) {
        StringWriter text = new StringWriter();
        summary.printFailuresTo(new PrintWriter(text));
        assertEquals(1, summary.getFailures().size(), text::toString);
        return summary.getFailures().get(0).getException().getMessage();
    }

    private static NDManager left(NDManager manager) {
        LEFT.add(manager);
        return manager;
    }

    @ExtendWith(LeakCheck.class)
    static final class Leaks {
        @Test
        void leavesAnArray() {
            assertNotNull(left(EngineSetup.newManager()).create(new Shape(2, 3)));
        }

        @Test
        void leavesAManager() {
            left(EngineSetup.newManager());
        }

        @Test
        void replacesAnArray(NDManager manager) {
            NDManager parent = manager.getParentManager();
            manager.create(new float[] {1}).close();
            LEFT.add(parent.create(new float[] {1}));
        }

        @Test
        void fillsAProcessWideManager() {
            NDManager manager = left(EngineSetup.newManager());
            manager.setName(LeakCheck.PROCESS_WIDE);
            assertNotNull(manager.newSubManager().create(1));
        }

        @Test
        void usesAParameter(NDManager manager) {
            assertNotNull(manager.newSubManager().create(new float[2]));
        }

        @Test
        void failsAndLeaks() {
            left(EngineSetup.newManager());
            throw new AssertionError("its own");
        }
    }

    static final class Seeds {
        @Seeded(3)
        void collects(long seed) {
            SEEDS.add(seed);
        }

        @Seeded(3)
        void failsForOne(long seed) {
            assertTrue(seed != 1, "odd seed");
        }

        @Seeded(2)
        void takesNoSeed() {
            SEEDS.add(-1L);
        }
    }
}
