// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ConfigTest {
    private static Config parse(String... lines) {
        return Config.parse(String.join("\n", lines), "x.yaml");
    }

    private static void assertFault(String message, Executable action) {
        assertEquals(message, assertThrows(ConfigException.class, action).getMessage());
    }

    private static Object value(String yaml) {
        return parse("a: " + yaml).toMap().get("a");
    }

    @Test
    void numbersAreReadAsPeopleWriteThem() {
        assertEquals(1e-6, value("1e-6"));
        assertEquals(1e-4, value("1E-4"));
        assertEquals(2e5, value("2e5"));
        assertEquals(2e-4, value("!!float '2e-4'"));
        assertEquals(0.5, value(".5"));
        assertEquals(5.0, value("5."));
        assertEquals(-1.5e3, value("-1.5e+3"));
        assertEquals(1000L, value("1_000"));
        assertEquals(-7L, value("-7"));
        assertEquals(Double.NEGATIVE_INFINITY, value("-.inf"));
        assertEquals(Double.NaN, value(".nan"));
    }

    @Test
    void textThatLooksLikeANumberElsewhereStaysText() {
        assertEquals("1e-6", value("'1e-6'"));
        assertEquals("010", value("010"));
        assertEquals("1:30", value("1:30"));
        assertEquals("2024-01-31", value("2024-01-31"));
        assertEquals("e5", value("e5"));
        assertEquals("n", value("n"));
    }

    @Test
    void booleansAndNullHaveYamlsSpellings() {
        for (String yes : List.of("true", "True", "TRUE", "yes", "Yes", "on")) {
            assertEquals(true, value(yes));
        }
        for (String no : List.of("false", "False", "no", "No", "off")) {
            assertEquals(false, value(no));
        }
        for (String nothing : List.of("null", "~", "Null", "")) {
            assertNull(value(nothing));
        }
        assertEquals("yes", value("'yes'"));
    }

    @Test
    void anIntegerBeyondLongIsRefused() {
        assertFault(
                "x.yaml:1: a: expected a 64-bit number, got 99999999999999999999",
                () -> parse("a: 99999999999999999999"));
    }

    @Test
    void aDuplicateKeyIsRefusedWithBothLines() {
        assertFault(
                "x.yaml:4: a.b: duplicate key; first given at x.yaml:2",
                () -> parse("a:", "  b: 1", "  c: 2", "  b: 3"));
    }

    @Test
    void brokenYamlIsRefusedWithItsLine() {
        String message = assertThrows(ConfigException.class, () -> parse("a: 1", "b: [1, 2", "c: 3"))
                .getMessage();
        assertTrue(message.startsWith("x.yaml:3: expected YAML: "), message);
        assertThrows(ConfigException.class, () -> parse("a: 1", "---", "b: 2"));
        assertThrows(ConfigException.class, () -> parse("a: \u0001"));
    }

    @Test
    void aFileThatIsNoSectionIsRefused() {
        assertFault("x.yaml:1: expected a section, got a list", () -> parse("[1, 2]"));
        assertFault("x.yaml:1: expected a section, got \"hello\"", () -> parse("hello"));
        assertFault("x.yaml:1: expected a name as key, got a list or section", () -> parse("{[1]: 2}"));
        assertFault("x.yaml:1: a: expected a plain value, got the tag !custom", () -> parse("a: !custom 3"));
        assertTrue(parse("# nothing").toMap().isEmpty());
    }

    @Test
    void anchorsAreValuesAndLoopsAreRefused() {
        Config config = parse("a: &x {b: 1}", "c: *x");
        assertEquals(Map.of("b", 1L), config.toMap().get("c"));
        assertFault(
                "x.yaml:1: a.b: expected an alias to a finished value, got one to its own parent",
                () -> parse("a: &x {b: *x}"));
    }

    @Test
    void overridesReplaceAndAdd() {
        Config config = parse("a: {b: {c: 1, d: 2}}", "e: 3")
                .withOverrides(List.of("a.b.c=1e-3", "a.b.new=[1, yes]", "e=", "f={g: text}"));
        assertEquals(1e-3, config.get("a.b.c", Double.class));
        assertEquals(2, config.get("a.b.d", Integer.class));
        assertEquals(List.of(1L, true), config.get("a.b.new", List.class));
        assertTrue(config.has("e"));
        assertNull(config.get("e", Double.class));
        assertEquals("text", config.get("f.g", String.class));
        assertEquals(List.of("a", "e", "f"), List.copyOf(config.keys()));
    }

    @Test
    void anOverrideThatGoesNowhereIsRefused() {
        Config config = parse("training: {epochs: 3}");
        assertFault(
                "--set trainin.epochs=1: trainin: unknown key; did you mean training?",
                () -> config.withOverrides(List.of("trainin.epochs=1")));
        assertFault(
                "--set training.epochs.x=1: training.epochs: expected a section, got 3",
                () -> config.withOverrides(List.of("training.epochs.x=1")));
        assertFault("--set epochs: expected path=value, got \"epochs\"", () -> config.withOverrides(List.of("epochs")));
        String message = assertThrows(ConfigException.class, () -> config.withOverrides(List.of("training.epochs=[1")))
                .getMessage();
        assertTrue(message.startsWith("--set training.epochs=[1: expected YAML: "), message);
    }

    @Test
    void sectionsKeepTheirFullPathInMessages() {
        Config stage = parse("stage_2:", "  params:", "    depth: two").section("stage_2");
        assertFault(
                "x.yaml:3: stage_2.params.depth: expected an integer, got \"two\"",
                () -> stage.get("params.depth", Integer.class));
        assertFault(
                "x.yaml:3: stage_2.params.width: required key is missing",
                () -> stage.get("params.width", String.class));
        assertFault("x.yaml:1: stage_1: required key is missing", () -> parse("a: 1")
                .section("stage_1"));
        assertFault(
                "x.yaml:1: a: expected a section, got 1", () -> parse("a: 1").section("a"));
    }

    @Test
    void anUnknownTopLevelKeyIsRefused() {
        Config config = parse("training: {}", "smapler: {}");
        config.requireOnlyKeys(Set.of("training", "smapler"));
        assertFault(
                "x.yaml:2: smapler: unknown key; did you mean sampler?",
                () -> config.requireOnlyKeys(Set.of("training", "sampler")));
    }

    @Test
    void writingAndReadingGivesTheSameTree() {
        Config config = parse(
                "b: {lr: 1e-6, big: 1e10, text: '1e-6', yes: 'yes', path: \"a: b # c\", none: null}",
                "a: [1, 2.0, [x, {y: 'null'}], [], {}, '', 'multi",
                "",
                "  line']",
                "c: !!float '3'");
        Config again = Config.parse(config.toYaml(), "again.yaml");
        assertEquals(config.toMap(), again.toMap());
        assertEquals(config.toYaml(), again.toYaml());
        assertEquals(List.of("b", "a", "c"), List.copyOf(again.keys()));
        assertEquals(3.0, again.toMap().get("c"));
    }

    @Test
    void mapsAreUnmodifiable() {
        Map<String, Object> map = parse("a: [1]").toMap();
        assertThrows(UnsupportedOperationException.class, () -> map.put("b", 1));
        assertEquals(Arrays.asList(1L), map.get("a"));
    }

    @Test
    void filesAreReadOrRefusedByName(@TempDir Path folder) throws IOException {
        Path file = folder.resolve("x.yaml");
        Files.writeString(file, "a: 1");
        assertEquals(1, Config.load(file).get("a", Integer.class));
        assertEquals(file.toString(), Config.load(file).source());
        assertFalse(Config.load(file).has("a.b"));
        assertFault(
                folder.resolve("no.yaml") + ": expected a configuration file, got no such file",
                () -> Config.load(folder.resolve("no.yaml")));
        Files.write(file, "a: ä".getBytes(StandardCharsets.ISO_8859_1));
        assertFault(file + ": expected text in UTF-8, got other bytes", () -> Config.load(file));
    }
}
