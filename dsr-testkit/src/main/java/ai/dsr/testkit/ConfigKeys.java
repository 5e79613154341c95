// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.MissingNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Access to a case's configuration that remembers which keys were asked for.
 *
 * <p>A key nobody read is an option nobody honoured, so the runner fails the case for it. Keys that only describe the
 * case are named with {@link #ignore}. Reading a key counts for everything below it; {@link #object} opens a nested
 * section that is watched key by key instead.
 */
public final class ConfigKeys {
    private final JsonNode node;
    private final String path;
    private final Set<String> read = new HashSet<>();
    private final List<ConfigKeys> sections = new ArrayList<>();

    ConfigKeys(JsonNode node, String path) {
        if (!node.isObject()) {
            throw new IllegalArgumentException(path + ": expected an object, got " + node);
        }
        this.node = node;
        this.path = path;
    }

    /** Returns the value of {@code key}, which may be null; fails if it is absent. */
    public JsonNode require(String key) {
        read.add(key);
        if (!node.has(key)) {
            throw new IllegalArgumentException(path + "." + key + ": expected a value, got none");
        }
        return node.get(key);
    }

    /**
     * Returns the value of {@code key}, a missing node if it is absent.
     *
     * <p>{@code asInt(default)} and the like then give the default for absent and null values alike.
     */
    public JsonNode optional(String key) {
        read.add(key);
        return node.has(key) ? node.get(key) : MissingNode.getInstance();
    }

    /** Returns whether {@code key} stands there with a value other than null; this reads the key. */
    public boolean isGiven(String key) {
        return !optional(key).isMissingNode() && !optional(key).isNull();
    }

    /** Opens the section {@code key}; it is empty if the key is absent or null, and all of its own keys must be read. */
    public ConfigKeys object(String key) {
        JsonNode value = isGiven(key) ? node.get(key) : JsonNodeFactory.instance.objectNode();
        ConfigKeys section = new ConfigKeys(value, path + "." + key);
        sections.add(section);
        return section;
    }

    /** Returns the whole object for a parser that is strict itself; all keys count as read. */
    public JsonNode all() {
        node.fieldNames().forEachRemaining(read::add);
        return node;
    }

    /** Declares keys as informative: they change no number, present or not. */
    public void ignore(String... keys) {
        read.addAll(Arrays.asList(keys));
    }

    /** Full paths of the keys that nobody asked for, in the order of the file. */
    List<String> unread() {
        List<String> unread = new ArrayList<>();
        node.fieldNames().forEachRemaining(key -> {
            if (!read.contains(key)) {
                unread.add(path + "." + key);
            }
        });
        sections.forEach(section -> unread.addAll(section.unread()));
        return unread;
    }
}
