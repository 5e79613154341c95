// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** The value of a record component whose key is absent, as YAML: {@code "0.1"}, {@code "[1, 2]"}, {@code "null"}. */
@Documented
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
public @interface Default {
    /** YAML text, read as a value in the file would be. */
    String value();
}
