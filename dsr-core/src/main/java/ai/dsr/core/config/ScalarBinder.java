// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.lang.reflect.Type;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Scalars to Java values. An integer will do for a real number, nothing else is converted. */
final class ScalarBinder {
    private static final Set<Class<?>> BOXES =
            Set.of(Integer.class, Long.class, Float.class, Double.class, Boolean.class, Object.class);

    private ScalarBinder() {}

    /** Binds a scalar; null only for boxes. */
    static Object bind(Type type, ConfigNode.Scalar scalar, String path) {
        Class<?> raw = RecordBinder.rawClass(type);
        Object value = scalar.value();
        if (value == null && BOXES.contains(raw)) {
            return null;
        }
        if (raw == Object.class) {
            return value;
        }
        if (raw.isEnum() && value != null) {
            return enumValue(raw, scalar, path);
        }
        Object bound = convert(raw, value);
        if (bound == null) {
            boolean tooLarge = value instanceof Long && (raw == int.class || raw == Integer.class);
            String expected = tooLarge ? "an integer of 32 bits" : name(raw);
            throw RecordBinder.fault(scalar.origin(), path, "expected " + expected + ", got " + scalar.describe());
        }
        return bound;
    }

    /** What messages call a type. */
    static String name(Class<?> raw) {
        if (raw == int.class || raw == Integer.class || raw == long.class || raw == Long.class) {
            return "an integer";
        } else if (raw == float.class || raw == Float.class || raw == double.class || raw == Double.class) {
            return "a number";
        } else if (raw == boolean.class || raw == Boolean.class) {
            return "true or false";
        } else if (raw == String.class || raw == Path.class) {
            return "text";
        } else if (raw.isEnum()) {
            return "one of " + String.join(", ", EnumNames.bySpelling(raw).keySet());
        } else if (raw == List.class) {
            return "a list";
        } else if (raw == Map.class || raw == Config.class || raw.isRecord()) {
            return "a section";
        }
        throw new IllegalStateException(raw + ": expected a type that the package documentation lists");
    }

    /** The value as {@code raw}, or null if it is of another kind. */
    private static Object convert(Class<?> raw, Object value) {
        if (value instanceof Long integer) {
            if (raw == int.class || raw == Integer.class) {
                return integer == integer.intValue() ? integer.intValue() : null;
            } else if (raw == long.class || raw == Long.class) {
                return integer;
            }
        }
        if (value instanceof Number number) {
            if (raw == double.class || raw == Double.class) {
                return number.doubleValue();
            } else if (raw == float.class || raw == Float.class) {
                return number.floatValue();
            }
        }
        if (value instanceof Boolean && (raw == boolean.class || raw == Boolean.class)) {
            return value;
        }
        if (value instanceof String text && (raw == String.class || raw == Path.class)) {
            return raw == String.class ? text : Path.of(text);
        }
        return null;
    }

    /** By text, since a constant may be called {@code off}, which YAML takes for a boolean. */
    private static Object enumValue(Class<?> raw, ConfigNode.Scalar scalar, String path) {
        try {
            return EnumNames.parse(raw, scalar.text());
        } catch (IllegalArgumentException e) {
            throw new ConfigException(scalar.origin() + ": " + path + ": " + e.getMessage(), e);
        }
    }
}
