// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** One value of a configuration together with the place it was written. */
sealed interface ConfigNode {
    /** Where the value stands, e.g. {@code configs/x.yaml:12} or {@code --set a.b=c}. */
    String origin();

    /** As plain Java: null, Boolean, Long, Double, String, List or Map. */
    Object toPlain();

    /** What messages call the value. */
    String describe();

    /** A scalar: its value (null, Boolean, Long, Double or String) and the text it was written as. */
    record Scalar(String origin, Object value, String text) implements ConfigNode {
        @Override
        public Object toPlain() {
            return value;
        }

        @Override
        public String describe() {
            return value instanceof String ? '"' + text + '"' : value == null ? "null" : text;
        }
    }

    /** A list. */
    record Items(String origin, List<ConfigNode> items) implements ConfigNode {
        public Items {
            items = List.copyOf(items);
        }

        @Override
        public Object toPlain() {
            List<Object> plain = new ArrayList<>();
            items.forEach(item -> plain.add(item.toPlain()));
            return Collections.unmodifiableList(plain);
        }

        @Override
        public String describe() {
            return "a list";
        }
    }

    /** A mapping, in the order written; each key knows its own place. */
    record Section(String origin, Map<String, Entry> entries) implements ConfigNode {
        public Section {
            entries = Collections.unmodifiableMap(new LinkedHashMap<>(entries));
        }

        /** The value of a key, or null. */
        ConfigNode get(String key) {
            Entry entry = entries.get(key);
            return entry == null ? null : entry.value;
        }

        /** A copy in which a key has another value; a new key comes last. */
        Section with(String key, ConfigNode value) {
            Map<String, Entry> changed = new LinkedHashMap<>(entries);
            Entry present = entries.get(key);
            boolean isInside = present != null
                    && value instanceof Section
                    && value.origin().equals(present.value.origin());
            changed.put(key, new Entry(isInside ? present.keyOrigin : value.origin(), value));
            return new Section(origin, changed);
        }

        @Override
        public Object toPlain() {
            return toPlainMap();
        }

        Map<String, Object> toPlainMap() {
            Map<String, Object> plain = new LinkedHashMap<>();
            entries.forEach((key, entry) -> plain.put(key, entry.value.toPlain()));
            return Collections.unmodifiableMap(plain);
        }

        @Override
        public String describe() {
            return "a section";
        }
    }

    /** A value with the place of its key. */
    record Entry(String keyOrigin, ConfigNode value) {}
}
