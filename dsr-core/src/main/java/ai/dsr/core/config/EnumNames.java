// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonValue;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Spelling of enum constants in files: {@code @JsonProperty} on the constant, else the text of a {@code @JsonValue}
 * method, else snake case. A static {@code @JsonCreator} method of one String reads instead, and may accept more.
 */
final class EnumNames {
    private EnumNames() {}

    /** All constants by spelling, in order of declaration. */
    static Map<String, Object> bySpelling(Class<?> type) {
        Map<String, Object> constants = new LinkedHashMap<>();
        for (Object constant : type.getEnumConstants()) {
            constants.put(spelling((Enum<?>) constant), constant);
        }
        return constants;
    }

    /**
     * The constant spelt {@code text}.
     *
     * @throws IllegalArgumentException naming the known spellings if there is none
     */
    static Object parse(Class<?> type, String text) {
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(JsonCreator.class) && Modifier.isStatic(method.getModifiers())) {
                return call(method, null, text);
            }
        }
        Map<String, Object> constants = bySpelling(type);
        Object constant = constants.get(text);
        if (constant == null) {
            throw new IllegalArgumentException(
                    "expected one of " + String.join(", ", constants.keySet()) + ", got \"" + text + '"');
        }
        return constant;
    }

    /** How a constant is written. */
    static String spelling(Enum<?> constant) {
        Class<?> type = constant.getDeclaringClass();
        try {
            JsonProperty property = type.getField(constant.name()).getAnnotation(JsonProperty.class);
            if (property != null) {
                return property.value();
            }
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(type + ": expected a field for the constant " + constant.name(), e);
        }
        for (Method method : type.getDeclaredMethods()) {
            if (method.isAnnotationPresent(JsonValue.class)) {
                return String.valueOf(call(method, constant));
            }
        }
        return KeyNames.snake(constant.name());
    }

    private static Object call(Method method, Object receiver, Object... arguments) {
        try {
            method.setAccessible(true);
            return method.invoke(receiver, arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(method + ": expected no checked exception", e);
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(method + ": expected an accessible method", e);
        }
    }
}
