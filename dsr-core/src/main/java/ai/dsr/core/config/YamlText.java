// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import java.io.StringReader;
import java.util.ArrayList;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;
import org.yaml.snakeyaml.nodes.Tag;
import org.yaml.snakeyaml.representer.Representer;

/**
 * YAML text to a tree of {@link ConfigNode} and back.
 *
 * <p>Works on the composed document rather than on a stream of tokens: only there are line, quoting and anchors of each
 * value known together.
 */
final class YamlText {
    private static final Set<String> TRUE = Set.of("yes", "true", "on");

    private final IntFunction<String> originOfLine;
    private final IdentityHashMap<Node, ConfigNode> done = new IdentityHashMap<>();
    private final IdentityHashMap<Node, Boolean> open = new IdentityHashMap<>();

    private YamlText(IntFunction<String> originOfLine) {
        this.originOfLine = originOfLine;
    }

    /**
     * Parses one document.
     *
     * @param originOfLine what to call a line, counted from 1
     */
    static ConfigNode parse(String yaml, IntFunction<String> originOfLine) {
        try {
            Node root = yaml(new LoaderOptions()).compose(new StringReader(yaml));
            return root == null
                    ? new ConfigNode.Scalar(originOfLine.apply(1), null, "")
                    : new YamlText(originOfLine).convert(root, "");
        } catch (MarkedYAMLException e) {
            int line = e.getProblemMark() == null ? 1 : e.getProblemMark().getLine() + 1;
            throw new ConfigException(originOfLine.apply(line) + ": expected YAML: " + e.getProblem(), e);
        } catch (YAMLException e) {
            throw new ConfigException(originOfLine.apply(1) + ": expected YAML: " + e.getMessage(), e);
        }
    }

    /** Block style, keys in the tree's order; parsing it gives an equal tree. */
    static String dump(Object plain) {
        return yaml(new LoaderOptions()).dump(plain);
    }

    private static Yaml yaml(LoaderOptions loading) {
        DumperOptions dumping = new DumperOptions();
        dumping.setDefaultFlowStyle(DumperOptions.FlowStyle.BLOCK);
        dumping.setSplitLines(false);
        return new Yaml(new SafeConstructor(loading), new Representer(dumping), dumping, loading, new ScalarResolver());
    }

    private ConfigNode convert(Node node, String path) {
        ConfigNode known = done.get(node);
        if (known != null) {
            return known;
        }
        String origin = originOfLine.apply(node.getStartMark().getLine() + 1);
        if (open.put(node, true) != null) {
            throw fault(origin, path, "expected an alias to a finished value, got one to its own parent");
        }
        ConfigNode converted;
        if (node instanceof ScalarNode scalar) {
            converted = new ConfigNode.Scalar(origin, scalarValue(scalar, origin, path), scalar.getValue());
        } else if (node instanceof SequenceNode sequence) {
            List<ConfigNode> items = new ArrayList<>();
            for (Node item : sequence.getValue()) {
                items.add(convert(item, path + "[" + items.size() + "]"));
            }
            converted = new ConfigNode.Items(origin, items);
        } else {
            converted = convertMapping((MappingNode) node, origin, path);
        }
        open.remove(node);
        done.put(node, converted);
        return converted;
    }

    private ConfigNode convertMapping(MappingNode node, String origin, String path) {
        Map<String, ConfigNode.Entry> entries = new LinkedHashMap<>();
        for (NodeTuple tuple : node.getValue()) {
            String keyOrigin =
                    originOfLine.apply(tuple.getKeyNode().getStartMark().getLine() + 1);
            if (!(tuple.getKeyNode() instanceof ScalarNode keyNode)) {
                throw fault(keyOrigin, path, "expected a name as key, got a list or section");
            }
            String key = keyNode.getValue();
            String keyPath = path.isEmpty() ? key : path + "." + key;
            ConfigNode.Entry first = entries.get(key);
            if (first != null) {
                throw fault(keyOrigin, keyPath, "duplicate key; first given at " + first.keyOrigin());
            }
            entries.put(key, new ConfigNode.Entry(keyOrigin, convert(tuple.getValueNode(), keyPath)));
        }
        return new ConfigNode.Section(origin, entries);
    }

    private static Object scalarValue(ScalarNode node, String origin, String path) {
        String text = node.getValue();
        Tag tag = node.getTag();
        try {
            if (tag.equals(Tag.NULL)) {
                return null;
            } else if (tag.equals(Tag.BOOL)) {
                return TRUE.contains(text.toLowerCase(Locale.ROOT));
            } else if (tag.equals(Tag.INT)) {
                return Long.valueOf(text.replace("_", ""));
            } else if (tag.equals(Tag.FLOAT)) {
                return real(text.replace("_", ""));
            } else if (tag.equals(Tag.STR)) {
                return text;
            }
        } catch (NumberFormatException e) {
            throw new ConfigException(origin + ": " + path + ": expected a 64-bit number, got " + text, e);
        }
        throw fault(origin, path, "expected a plain value, got the tag " + tag);
    }

    private static Double real(String text) {
        String lower = text.toLowerCase(Locale.ROOT);
        if (lower.endsWith(".inf")) {
            return lower.startsWith("-") ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
        }
        return lower.equals(".nan") ? Double.valueOf(Double.NaN) : Double.valueOf(text);
    }

    private static ConfigException fault(String origin, String path, String message) {
        return new ConfigException(origin + ": " + (path.isEmpty() ? "" : path + ": ") + message);
    }
}
