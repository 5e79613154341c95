// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;
import java.lang.reflect.WildcardType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Builds records from sections; every fault names the place and the path of the value. */
final class RecordBinder {
    private static final Logger LOG = LoggerFactory.getLogger(Config.class);

    /** Places already warned about: sections are bound more than once in a run. */
    private static final Set<String> WARNED = ConcurrentHashMap.newKeySet();

    private final String source;

    /** A binder for values of {@code source}, which sections handed out will carry on. */
    RecordBinder(String source) {
        this.source = source;
    }

    /**
     * Binds a section.
     *
     * @param defaults gives the values of absent keys, or null for the components' own defaults
     */
    <T extends Record> T bindRecord(Class<T> type, ConfigNode node, String path, Record defaults) {
        if (!(node instanceof ConfigNode.Section section)) {
            throw fault(node.origin(), path, "expected a section, got " + node.describe());
        }
        RecordSchema<T> schema = RecordSchema.of(type);
        Map<RecordSchema.Component, ConfigNode.Entry> given = assign(schema, section, path);
        List<RecordSchema.Component> components = schema.components();
        Object[] values = new Object[components.size()];
        for (int i = 0; i < values.length; i++) {
            RecordSchema.Component component = components.get(i);
            ConfigNode.Entry entry = given.get(component);
            Object fallback = defaults == null ? null : component.valueIn(defaults);
            String valuePath = join(path, component.key());
            if (entry != null) {
                values[i] = bindComponent(component, entry.value(), valuePath, fallback, defaults != null);
            } else if (defaults != null) {
                values[i] = fallback;
            } else if (component.defaultValue() != null) {
                String origin = "@Default of " + type.getSimpleName();
                ConfigNode byDefault = YamlText.parse(component.defaultValue(), line -> origin);
                values[i] = bindComponent(component, byDefault, valuePath, null, false);
            } else {
                throw fault(section.origin(), valuePath, "required key is missing");
            }
        }
        return create(schema, values, section, given, path);
    }

    /** Binds a value that is no component of a record: no default, no null. */
    Object bindValue(Type type, ConfigNode node, String path) {
        if (node instanceof ConfigNode.Scalar scalar) {
            return ScalarBinder.bind(type, scalar, path);
        }
        Class<?> raw = rawClass(type);
        if (raw == Object.class) {
            return node.toPlain();
        }
        if (node instanceof ConfigNode.Items items && raw == List.class) {
            List<Object> values = new ArrayList<>();
            for (ConfigNode item : items.items()) {
                values.add(bindValue(argument(type, 0), item, path + "[" + values.size() + "]"));
            }
            return Collections.unmodifiableList(values);
        }
        if (node instanceof ConfigNode.Section section) {
            if (raw.isRecord()) {
                return bindRecord(raw.asSubclass(Record.class), node, path, null);
            }
            if (raw == Config.class) {
                return new Config(source, path, section);
            }
            if (raw == Map.class) {
                Map<String, Object> values = new LinkedHashMap<>();
                section.entries()
                        .forEach((key, entry) ->
                                values.put(key, bindValue(argument(type, 1), entry.value(), join(path, key))));
                return Collections.unmodifiableMap(values);
            }
        }
        throw fault(node.origin(), path, "expected " + ScalarBinder.name(raw) + ", got " + node.describe());
    }

    /** Finds the component of each key, and so unknown keys and keys given under two names. */
    private static Map<RecordSchema.Component, ConfigNode.Entry> assign(
            RecordSchema<?> schema, ConfigNode.Section section, String path) {
        Map<String, RecordSchema.Component> byKey = new HashMap<>();
        for (RecordSchema.Component component : schema.components()) {
            byKey.put(component.key(), component);
            component.aliases().forEach(alias -> byKey.put(alias, component));
        }
        Map<RecordSchema.Component, ConfigNode.Entry> given = new HashMap<>();
        section.entries().forEach((key, entry) -> {
            RecordSchema.Component component = byKey.get(key);
            if (component == null) {
                throw fault(entry.keyOrigin(), join(path, key), KeyNames.unknown(key, schema.keys()));
            }
            ConfigNode.Entry other = given.putIfAbsent(component, entry);
            if (other != null) {
                throw fault(
                        entry.keyOrigin(),
                        join(path, key),
                        "duplicate key; " + component.key() + " was first given at " + other.keyOrigin());
            }
            boolean isNull = entry.value() instanceof ConfigNode.Scalar scalar && scalar.value() == null;
            if (component.noEffect() != null && !isNull) {
                warn(entry.keyOrigin() + ": " + join(path, key), component.noEffect());
            }
        });
        return given;
    }

    private static void warn(String place, NoEffect noEffect) {
        if (WARNED.add(place)) {
            LOG.warn("{}: has no effect{}", place, noEffect.use().isEmpty() ? "" : "; use " + noEffect.use());
        }
    }

    private Object bindComponent(
            RecordSchema.Component component,
            ConfigNode node,
            String path,
            Object fallback,
            boolean overridesFallback) {
        boolean isNull = node instanceof ConfigNode.Scalar scalar && scalar.value() == null;
        if (isNull
                && !rawClass(component.type()).isPrimitive()
                && (component.isNullable() || (overridesFallback && fallback == null))) {
            return null;
        }
        if (component.acceptsSingle() && !isNull && !(node instanceof ConfigNode.Items)) {
            return bindValue(component.type(), new ConfigNode.Items(node.origin(), List.of(node)), path);
        }
        if (fallback instanceof Record record && node instanceof ConfigNode.Section) {
            return bindRecord(record.getClass(), node, path, record);
        }
        return bindValue(component.type(), node, path);
    }

    private static <T extends Record> T create(
            RecordSchema<T> schema,
            Object[] values,
            ConfigNode.Section section,
            Map<RecordSchema.Component, ConfigNode.Entry> given,
            String path) {
        try {
            return schema.create(values);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof IllegalArgumentException refusal) {
                throw refused(schema, section, given, path, refusal);
            }
            if (e.getCause() instanceof RuntimeException cause) {
                throw cause;
            }
            throw new IllegalStateException(schema.type() + ": expected no checked exception", e);
        }
    }

    /** Puts path and place before a constructor's message, those of a key if the message begins with one. */
    private static ConfigException refused(
            RecordSchema<?> schema,
            ConfigNode.Section section,
            Map<RecordSchema.Component, ConfigNode.Entry> given,
            String path,
            IllegalArgumentException refusal) {
        String message = String.valueOf(refusal.getMessage());
        for (RecordSchema.Component component : schema.components()) {
            for (String name : List.of(component.key(), component.accessor().getName())) {
                if (message.startsWith(name + ": ")) {
                    ConfigNode.Entry entry = given.get(component);
                    String origin =
                            entry == null ? section.origin() : entry.value().origin();
                    String rest = message.substring(name.length() + 2);
                    return new ConfigException(origin + ": " + join(path, component.key()) + ": " + rest, refusal);
                }
            }
        }
        return new ConfigException(section.origin() + ": " + (path.isEmpty() ? "" : path + ": ") + message, refusal);
    }

    private static Type argument(Type type, int index) {
        if (type instanceof ParameterizedType parameterized) {
            Type argument = parameterized.getActualTypeArguments()[index];
            return argument instanceof WildcardType wildcard ? wildcard.getUpperBounds()[0] : argument;
        }
        return Object.class;
    }

    static Class<?> rawClass(Type type) {
        if (type instanceof Class<?> plain) {
            return plain;
        }
        if (type instanceof ParameterizedType parameterized) {
            return (Class<?>) parameterized.getRawType();
        }
        throw new IllegalStateException(type + ": expected a class, List or Map as component type");
    }

    static String join(String path, String key) {
        return path.isEmpty() ? key : path + "." + key;
    }

    static ConfigException fault(String origin, String path, String message) {
        return new ConfigException(origin + ": " + (path.isEmpty() ? "" : path + ": ") + message);
    }
}
