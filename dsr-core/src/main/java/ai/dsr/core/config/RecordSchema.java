// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.lang.reflect.Constructor;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keys, types and defaults of a record's components.
 *
 * @param type the record
 * @param components in order of declaration
 */
record RecordSchema<T extends Record>(Class<T> type, List<Component> components) {

    /**
     * One component.
     *
     * @param aliases further keys
     * @param defaultValue YAML, or null if the key is required
     * @param acceptsSingle whether one value stands for a list of one
     * @param noEffect that nothing reads the key, or null
     */
    record Component(
            String key,
            List<String> aliases,
            Type type,
            String defaultValue,
            boolean acceptsSingle,
            NoEffect noEffect,
            Method accessor) {

        boolean isNullable() {
            return "null".equals(defaultValue);
        }

        Object valueIn(Record instance) {
            try {
                return accessor.invoke(instance);
            } catch (IllegalAccessException | InvocationTargetException e) {
                throw new IllegalStateException(accessor + ": expected a readable component", e);
            }
        }
    }

    static <T extends Record> RecordSchema<T> of(Class<T> type) {
        List<Component> components = new ArrayList<>();
        for (RecordComponent component : type.getRecordComponents()) {
            Field field = field(type, component.getName());
            JsonProperty renamed = field.getAnnotation(JsonProperty.class);
            JsonAlias alias = field.getAnnotation(JsonAlias.class);
            JsonFormat format = field.getAnnotation(JsonFormat.class);
            Default byDefault = component.getAnnotation(Default.class);
            component.getAccessor().setAccessible(true); // records may be private to a package or a test
            components.add(new Component(
                    renamed == null ? KeyNames.snake(component.getName()) : renamed.value(),
                    alias == null ? List.of() : List.of(alias.value()),
                    component.getGenericType(),
                    byDefault == null ? null : byDefault.value(),
                    format != null
                            && Arrays.asList(format.with()).contains(JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY),
                    component.getAnnotation(NoEffect.class),
                    component.getAccessor()));
        }
        return new RecordSchema<>(type, List.copyOf(components));
    }

    List<String> keys() {
        return components.stream().map(Component::key).toList();
    }

    /**
     * Calls the canonical constructor.
     *
     * @throws InvocationTargetException if the constructor refuses the values
     */
    T create(Object[] values) throws InvocationTargetException {
        Class<?>[] types = Arrays.stream(type.getRecordComponents())
                .map(RecordComponent::getType)
                .toArray(Class<?>[]::new);
        try {
            Constructor<T> constructor = type.getDeclaredConstructor(types);
            constructor.setAccessible(true);
            return constructor.newInstance(values);
        } catch (NoSuchMethodException | InstantiationException | IllegalAccessException e) {
            throw new IllegalStateException(type + ": expected a canonical constructor", e);
        }
    }

    private static Field field(Class<?> type, String name) {
        try {
            return type.getDeclaredField(name);
        } catch (NoSuchFieldException e) {
            throw new IllegalStateException(type + ": expected a field for the component " + name, e);
        }
    }
}
