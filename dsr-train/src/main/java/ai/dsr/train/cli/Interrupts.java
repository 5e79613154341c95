// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.train.loop.StopRequest;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;
import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ctrl-C and SIGTERM while a run trains: the first finishes the step and writes a checkpoint, the second ends the process
 * at once.
 *
 * <p>The JDK's only way to be told of a signal without ending is {@code sun.misc.Signal}, which javac warns about without
 * a way to say that it is meant; so it is called by reflection. Where it is absent, Ctrl-C ends the process as ever.
 */
final class Interrupts {
    private static final Logger LOG = LoggerFactory.getLogger(Interrupts.class);
    private static final int EXIT_BY_SIGNAL = 128;

    private final Map<Object, Object> before = new LinkedHashMap<>();

    private Interrupts() {}

    /** Turns signals into a request until {@link #restore}. */
    static Interrupts to(StopRequest stop) {
        Interrupts interrupts = new Interrupts();
        interrupts.install("INT", 2, stop);
        interrupts.install("TERM", 15, stop);
        return interrupts;
    }

    private void install(String name, int number, StopRequest stop) {
        InvocationHandler handler = (proxy, method, arguments) -> {
            if (!method.getName().equals("handle")) {
                return switch (method.getName()) {
                    case "hashCode" -> number;
                    case "equals" -> proxy == arguments[0];
                    default -> "SIG" + name;
                };
            }
            if (stop.request()) {
                LOG.info("SIG{}: finishing the step and writing a checkpoint; once more to stop at once", name);
            } else {
                Runtime.getRuntime().halt(EXIT_BY_SIGNAL + number);
            }
            return null;
        };
        try {
            Class<?> type = Class.forName("sun.misc.SignalHandler");
            Object signal = Class.forName("sun.misc.Signal")
                    .getConstructor(String.class)
                    .newInstance(name);
            Object proxy = Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, handler);
            before.put(signal, handle(signal, proxy));
        } catch (ReflectiveOperationException e) {
            LOG.debug("SIG{} cannot be handled here", name, e);
        }
    }

    private static Object handle(Object signal, Object handler) throws ReflectiveOperationException {
        return signal.getClass()
                .getMethod("handle", signal.getClass(), Class.forName("sun.misc.SignalHandler"))
                .invoke(null, signal, handler);
    }

    /** Lets signals do what they did before. */
    void restore() {
        before.forEach((signal, handler) -> {
            try {
                handle(signal, handler);
            } catch (ReflectiveOperationException e) {
                throw new IllegalStateException(signal + ": expected its handler to be put back", e);
            }
        });
    }
}
