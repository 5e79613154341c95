// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import ai.djl.ndarray.BaseNDManager;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import java.lang.reflect.Field;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;

/**
 * Fails a test that leaves engine resources behind; use it with {@code @ExtendWith(LeakCheck.class)}.
 *
 * <p>The engine's system manager is the root of all others. Whatever hangs below it after a test and did not before
 * (arrays, loaded blocks, even empty managers) is a leak: its native memory would last as long as the process. What
 * really is to last that long belongs to a manager named {@link #PROCESS_WIDE}, or to one announced with
 * {@link #allow}. A test that has failed already is not checked.
 *
 * <p>Also resolves a parameter of type {@link NDManager}, closed after the test and before the check. Tests under this
 * extension must not run at the same time as others in one JVM.
 */
public final class LeakCheck implements BeforeEachCallback, AfterEachCallback, ParameterResolver {
    /** Name of managers whose resources live as long as the process and are not counted. */
    public static final String PROCESS_WIDE = "dsr-process";

    /** More leaked resources than this are counted, not listed. */
    private static final int LISTED = 5;

    private static final ExtensionContext.Namespace NAMESPACE = ExtensionContext.Namespace.create(LeakCheck.class);
    private static final Set<String> ALLOWED = ConcurrentHashMap.newKeySet();

    static {
        ALLOWED.add(PROCESS_WIDE);
    }

    /** Leaves resources below managers named {@code managerName} out of the count, for the rest of the process. */
    public static void allow(String managerName) {
        ALLOWED.add(managerName);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        context.getStore(NAMESPACE).put("open", new Open(resources(), new ArrayList<>()));
    }

    @Override
    public void afterEach(ExtensionContext context) {
        Open open = context.getStore(NAMESPACE).remove("open", Open.class);
        open.managers().forEach(NDManager::close);
        if (context.getExecutionException().isPresent()) {
            return;
        }
        List<String> leaked = resources().stream()
                .filter(resource -> !open.before().contains(resource))
                .map(LeakCheck::describe)
                .toList();
        if (!leaked.isEmpty()) {
            throw new AssertionError(context.getDisplayName() + ": expected no engine resources left behind, got "
                    + leaked.size() + " (" + String.join(", ", leaked.subList(0, Math.min(LISTED, leaked.size())))
                    + "); close their scope");
        }
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == NDManager.class
                && parameter.getDeclaringExecutable() instanceof Method
                && context.getTestMethod().isPresent();
    }

    @Override
    public NDManager resolveParameter(ParameterContext parameter, ExtensionContext context) {
        NDManager manager = EngineSetup.newManager();
        context.getStore(NAMESPACE).get("open", Open.class).managers().add(manager);
        return manager;
    }

    /** Everything below the system manager, by identity: arrays compare by value. */
    private static Set<AutoCloseable> resources() {
        EngineSetup.ensure();
        Set<AutoCloseable> found = Collections.newSetFromMap(new IdentityHashMap<>());
        try (NDManager probe = EngineSetup.newManager()) {
            collect(probe.getParentManager(), found);
            found.remove(probe);
        }
        return found;
    }

    private static void collect(NDManager manager, Set<AutoCloseable> found) {
        for (AutoCloseable resource : children(manager)) {
            if (!(resource instanceof NDManager child)) {
                found.add(resource);
            } else if (!ALLOWED.contains(child.getName())) {
                found.add(child);
                collect(child, found);
            }
        }
    }

    /** The public view of a manager lists arrays alone, so an empty manager or a loaded block would go unseen. */
    private static Collection<? extends AutoCloseable> children(NDManager manager) {
        try {
            Field field = BaseNDManager.class.getDeclaredField("resources");
            field.setAccessible(true);
            return ((Map<?, ?>) field.get(manager))
                    .values().stream().map(AutoCloseable.class::cast).toList();
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("BaseNDManager: expected a field named resources, got none", e);
        }
    }

    private static String describe(AutoCloseable resource) {
        if (resource instanceof NDArray array) {
            return "array " + array.getShape() + " " + array.getDataType();
        }
        return resource instanceof NDManager manager
                ? "manager " + manager.getName()
                : resource.getClass().getName();
    }

    /** What there was before a test, and the managers handed to it. */
    private record Open(Set<AutoCloseable> before, List<NDManager> managers) {}
}
