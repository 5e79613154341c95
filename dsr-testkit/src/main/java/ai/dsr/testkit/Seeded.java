// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.TestTemplate;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * A property that must hold for many seeds: the test method takes a {@code long} and runs once for each of
 * {@code 0, 1, ..., value - 1}.
 *
 * <p>A failure names the seed and the command that repeats it; the system property {@code dsr.seed} runs one seed alone,
 * which may be any number.
 */
@Documented
@Target(ElementType.METHOD)
@Retention(RetentionPolicy.RUNTIME)
@TestTemplate
@ExtendWith(SeededInvocations.class)
public @interface Seeded {
    /** How many seeds to try. */
    int value() default 20;
}
