// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * An immutable configuration: a YAML tree, read strictly, that records are bound from.
 *
 * <p>Paths are dotted keys, {@code stage_2.params.num_heads}; the empty path is the whole. Every fault in the file
 * or in an override is a {@link ConfigException} such as {@code x.yaml:12: stage_2.params.num_head: unknown key; did
 * you mean num_heads?}.
 */
public final class Config {
    private final String source;
    private final String prefix;
    private final ConfigNode.Section root;

    /** The section at {@code prefix} of {@code source}. */
    Config(String source, String prefix, ConfigNode.Section root) {
        this.source = source;
        this.prefix = prefix;
        this.root = root;
    }

    /**
     * Reads a file in UTF-8.
     *
     * @throws ConfigException if there is no such file, or it is no YAML section
     * @throws UncheckedIOException if the file cannot be read
     */
    public static Config load(Path file) {
        try {
            return parse(Files.readString(file), file.toString());
        } catch (NoSuchFileException e) {
            throw new ConfigException(file + ": expected a configuration file, got no such file", e);
        } catch (CharacterCodingException e) {
            throw new ConfigException(file + ": expected text in UTF-8, got other bytes", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /**
     * Parses YAML; empty text is an empty configuration.
     *
     * @param sourceName what messages call the text, usually the file
     * @throws ConfigException if the text is no YAML section, or has a key twice
     */
    public static Config parse(String yaml, String sourceName) {
        ConfigNode node = YamlText.parse(yaml, line -> sourceName + ":" + line);
        if (node instanceof ConfigNode.Scalar scalar && scalar.value() == null) {
            node = new ConfigNode.Section(node.origin(), Map.of());
        }
        if (!(node instanceof ConfigNode.Section section)) {
            throw RecordBinder.fault(node.origin(), "", "expected a section, got " + node.describe());
        }
        return new Config(sourceName, "", section);
    }

    /** The name of the file in messages. */
    public String source() {
        return source;
    }

    /** The keys of the top level in the file's order. */
    public Set<String> keys() {
        return root.entries().keySet();
    }

    /**
     * Replaces values, as the option {@code --set} does.
     *
     * @param overrides each {@code path=value}; the value is YAML. All sections of the path must exist; a new last key
     *     passes here and is checked when its section is bound
     * @throws ConfigException if an override has no {@code =}, no section to go to, or a value that is no YAML
     */
    public Config withOverrides(List<String> overrides) {
        ConfigNode.Section changed = root;
        for (String override : overrides) {
            String origin = "--set " + override;
            int equals = override.indexOf('=');
            if (equals <= 0) {
                throw new ConfigException(origin + ": expected path=value, got \"" + override + '"');
            }
            ConfigNode value = YamlText.parse(override.substring(equals + 1), line -> origin);
            changed = replace(changed, override.substring(0, equals), 0, value, false);
        }
        return new Config(source, prefix, changed);
    }

    /**
     * Replaces a section by a record with all its keys, so that {@link #toYaml} shows what defaults were in force.
     *
     * @param path where; sections that lack are created
     */
    public Config with(String path, Record value) {
        String origin = value.getClass().getSimpleName();
        ConfigNode node = YamlText.parse(YamlText.dump(RecordWriter.toPlain(value)), line -> origin);
        ConfigNode.Section whole = path.isEmpty() ? (ConfigNode.Section) node : replace(root, path, 0, node, true);
        return new Config(source, prefix, whole);
    }

    /** Whether there is a value, which may be null, at this path. */
    public boolean has(String path) {
        return find(path) != null;
    }

    /**
     * Binds the section at {@code path}.
     *
     * @throws ConfigException if it is absent, has unknown, missing or mistyped keys, or the record refuses the values
     */
    public <T extends Record> T bind(String path, Class<T> type) {
        return new RecordBinder(source).bindRecord(type, require(path), full(path), null);
    }

    /**
     * Binds the section at {@code path}; absent keys have the values of {@code defaults}, which is the result if the
     * section is absent.
     *
     * @throws ConfigException if it has unknown or mistyped keys, or the record refuses the values
     */
    public <T extends Record> T bind(String path, Class<T> type, T defaults) {
        ConfigNode node = find(path);
        return node == null ? defaults : new RecordBinder(source).bindRecord(type, node, full(path), defaults);
    }

    /**
     * The single value at {@code path}.
     *
     * @param type String, Path, an enum, or a box such as Integer; a box may come back null
     * @throws ConfigException if it is absent or of another type
     */
    public <T> T get(String path, Class<T> type) {
        return type.cast(new RecordBinder(source).bindValue(type, require(path), full(path)));
    }

    /**
     * The section at {@code path} as a configuration of its own; its messages keep the full path.
     *
     * @throws ConfigException if it is absent or no section
     */
    public Config section(String path) {
        return get(path, Config.class);
    }

    /**
     * Fails on a key of the top level outside {@code known}.
     *
     * @throws ConfigException naming the first such key and the nearest known one
     */
    public void requireOnlyKeys(Set<String> known) {
        root.entries().forEach((key, entry) -> {
            if (!known.contains(key)) {
                throw RecordBinder.fault(entry.keyOrigin(), full(key), KeyNames.unknown(key, known));
            }
        });
    }

    /** The tree as unmodifiable maps, lists and null, Boolean, Long, Double or String, in the file's order. */
    public Map<String, Object> toMap() {
        return root.toPlainMap();
    }

    /** YAML in block style and the file's order, without its comments; parsing it gives an equal tree. */
    public String toYaml() {
        return YamlText.dump(toMap());
    }

    private String full(String path) {
        return path.isEmpty() ? prefix : RecordBinder.join(prefix, path);
    }

    private ConfigNode find(String path) {
        ConfigNode node = root;
        if (!path.isEmpty()) {
            for (String key : path.split("\\.", -1)) {
                node = node instanceof ConfigNode.Section section ? section.get(key) : null;
            }
        }
        return node;
    }

    private ConfigNode require(String path) {
        ConfigNode node = find(path);
        if (node != null) {
            return node;
        }
        String parent = path.contains(".") ? path.substring(0, path.lastIndexOf('.')) : "";
        throw RecordBinder.fault(require(parent).origin(), full(path), "required key is missing");
    }

    private ConfigNode.Section replace(
            ConfigNode.Section section, String path, int from, ConfigNode value, boolean create) {
        int dot = path.indexOf('.', from);
        if (dot < 0) {
            return section.with(path.substring(from), value);
        }
        String key = path.substring(from, dot);
        ConfigNode inner = section.get(key);
        if (inner == null && create) {
            inner = new ConfigNode.Section(value.origin(), Map.of());
        }
        if (inner == null) {
            throw RecordBinder.fault(
                    value.origin(),
                    full(path.substring(0, dot)),
                    KeyNames.unknown(key, section.entries().keySet()));
        }
        if (!(inner instanceof ConfigNode.Section next)) {
            throw RecordBinder.fault(
                    value.origin(), full(path.substring(0, dot)), "expected a section, got " + inner.describe());
        }
        return section.with(key, replace(next, path, dot + 1, value, create));
    }
}
