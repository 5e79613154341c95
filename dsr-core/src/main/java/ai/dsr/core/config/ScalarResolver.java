// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.util.regex.Pattern;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.resolver.Resolver;

/**
 * Which plain scalars are numbers, booleans and null; the same for reading and writing, so that text quoted by the
 * writer is text again.
 */
final class ScalarResolver extends Resolver {
    private static final Pattern INTEGER = Pattern.compile("[-+]?(?:0|[1-9][0-9_]*)");

    /** YAML 1.1's floats without base 60, and with an exponent that needs neither a point nor a sign. */
    private static final Pattern REAL = Pattern.compile("[-+]?(?:(?:[0-9][0-9_]*)?\\.[0-9]+(?:[eE][-+]?[0-9]+)?"
            + "|[0-9][0-9_]*\\.(?:[eE][-+]?[0-9]+)?|[0-9][0-9_]*[eE][-+]?[0-9]+"
            + "|\\.(?:inf|Inf|INF))|\\.(?:nan|NaN|NAN)");

    @Override
    protected void addImplicitResolvers() {
        addImplicitResolver(Tag.BOOL, BOOL, "yYnNtTfFoO");
        addImplicitResolver(Tag.INT, INTEGER, "-+0123456789");
        addImplicitResolver(Tag.FLOAT, REAL, "-+0123456789.");
        addImplicitResolver(Tag.NULL, NULL, "~nN\0");
        addImplicitResolver(Tag.NULL, EMPTY, null);
    }
}
