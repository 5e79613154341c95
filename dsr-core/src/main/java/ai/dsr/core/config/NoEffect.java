// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** Marks a key that published files have although nothing reads it; giving it is worth one warning, not an error. */
@Target(ElementType.RECORD_COMPONENT)
@Retention(RetentionPolicy.RUNTIME)
public @interface NoEffect {
    /** The key that does what this one seems to do; empty if there is none. */
    String use() default "";
}
