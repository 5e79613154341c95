// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.LongStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.Extension;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.jupiter.api.extension.TestExecutionExceptionHandler;
import org.junit.jupiter.api.extension.TestTemplateInvocationContext;
import org.junit.jupiter.api.extension.TestTemplateInvocationContextProvider;
import org.opentest4j.TestAbortedException;

/** Repeats a {@link Seeded} method once a seed. */
final class SeededInvocations implements TestTemplateInvocationContextProvider {
    /** System property that selects a single seed. */
    static final String SEED = "dsr.seed";

    @Override
    public boolean supportsTestTemplate(ExtensionContext context) {
        return context.getRequiredTestMethod().isAnnotationPresent(Seeded.class);
    }

    @Override
    public Stream<TestTemplateInvocationContext> provideTestTemplateInvocationContexts(ExtensionContext context) {
        Method method = context.getRequiredTestMethod();
        if (!Arrays.asList(method.getParameterTypes()).contains(long.class)) {
            throw new IllegalArgumentException(method.getName() + ": expected a parameter of type long, got "
                    + Arrays.toString(method.getParameterTypes()));
        }
        String single = System.getProperty(SEED, "");
        LongStream seeds = single.isEmpty()
                ? LongStream.range(0, method.getAnnotation(Seeded.class).value())
                : LongStream.of(parse(single));
        return seeds.mapToObj(Invocation::new);
    }

    private static long parse(String seed) {
        try {
            return Long.parseLong(seed);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(SEED + ": expected a whole number, got " + seed, e);
        }
    }

    /** One run with one seed. */
    private record Invocation(long seed)
            implements TestTemplateInvocationContext, ParameterResolver, TestExecutionExceptionHandler {
        @Override
        public String getDisplayName(int invocationIndex) {
            return "seed " + seed;
        }

        @Override
        public List<Extension> getAdditionalExtensions() {
            return List.of(this);
        }

        @Override
        public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
            return parameter.getParameter().getType() == long.class;
        }

        @Override
        public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
            return seed;
        }

        @Override
        public void handleTestExecutionException(ExtensionContext context, Throwable failure) throws Throwable {
            if (failure instanceof TestAbortedException) {
                throw failure;
            }
            throw new AssertionError(
                    String.format(
                            Locale.ROOT,
                            "seed %d: %s; repeat it with mvn test -Dtest=%s#%s -Dsurefire.failIfNoSpecifiedTests=false -D%s=%d",
                            seed,
                            failure,
                            context.getRequiredTestClass().getSimpleName(),
                            context.getRequiredTestMethod().getName(),
                            SEED,
                            seed),
                    failure);
        }
    }
}
