// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.annotation.JsonAlias;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonFormat;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class RecordBindingTest {
    enum Kind {
        LOGIT_NORMAL,
        OFF,
        @JsonProperty("v-pred")
        VELOCITY
    }

    enum Loose {
        ADAM;

        @JsonCreator
        static Loose of(String text) {
            if (!text.equalsIgnoreCase("adam")) {
                throw new IllegalArgumentException("expected adam, got " + text);
            }
            return ADAM;
        }
    }

    record Model(int hiddenSize, int numHeads, @Default("4.0") double mlpRatio, @Default("null") Path ckpt) {
        Model {
            if (hiddenSize % numHeads != 0) {
                throw new IllegalArgumentException(
                        "hidden_size: expected a multiple of num_heads (" + numHeads + "), got " + hiddenSize);
            }
            if (mlpRatio <= 0) {
                throw new IllegalArgumentException("expected a positive ratio, got " + mlpRatio);
            }
        }
    }

    record Everything(
            @Default("1") int i,
            @Default("2") long l,
            @Default("0.5") float f,
            @Default("true") boolean flag,
            @Default("0.1") Double boxed,
            @Default("logit_normal") Kind kind,
            @Default("Adam") Loose loose,
            @Default("[1, 2]") List<Double> numbers,
            @Default("{}") Map<String, Integer> counts,
            @Default("[{hidden_size: 8, num_heads: 2}]") List<Model> models,
            @Default("{a: [1]}") Config rest,
            @Default("text") Object any,
            @JsonProperty("reshape_to_2d") @Default("no") boolean reshapeTo2d,
            @JsonAlias("t-min") @Default("0") double tMin,
            @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) @Default("[3]") List<Integer> sizes) {}

    record Outer(@Default("{hidden_size: 8, num_heads: 2}") Model model, String name) {}

    private static <T extends Record> T bind(Class<T> type, String... lines) {
        return Config.parse(String.join("\n", lines), "x.yaml").bind("", type);
    }

    private static void assertFault(String message, Executable action) {
        assertEquals(message, assertThrows(ConfigException.class, action).getMessage());
    }

    @Test
    void aSectionBecomesARecord() {
        Model model = Config.parse(
                        "stage_2: {params: {hidden_size: 64, num_heads: 4, mlp_ratio: 2, ckpt: a/b.pt}}", "x")
                .bind("stage_2.params", Model.class);
        assertEquals(new Model(64, 4, 2.0, Path.of("a/b.pt")), model);
    }

    @Test
    void absentKeysHaveTheirDeclaredDefaults() {
        Everything all = bind(Everything.class, "{}");
        assertEquals(1, all.i());
        assertEquals(2L, all.l());
        assertEquals(0.5f, all.f());
        assertTrue(all.flag());
        assertEquals(0.1, all.boxed());
        assertEquals(Kind.LOGIT_NORMAL, all.kind());
        assertEquals(Loose.ADAM, all.loose());
        assertEquals(List.of(1.0, 2.0), all.numbers());
        assertEquals(Map.of(), all.counts());
        assertEquals(List.of(new Model(8, 2, 4.0, null)), all.models());
        assertEquals(Map.of("a", List.of(1L)), all.rest().toMap());
        assertEquals("text", all.any());
        assertEquals(List.of(3), all.sizes());
    }

    @Test
    void keysMayHaveOtherNamesAndAliases() {
        Everything all = bind(
                Everything.class,
                "{reshape_to_2d: yes, t-min: 0.25, kind: v-pred, boxed: null, sizes: 7, counts: {8: 3}, any: [1]}");
        assertTrue(all.reshapeTo2d());
        assertEquals(0.25, all.tMin());
        assertEquals(Kind.VELOCITY, all.kind());
        assertNull(all.boxed());
        assertEquals(List.of(7), all.sizes());
        assertEquals(Map.of("8", 3), all.counts());
        assertEquals(List.of(1L), all.any());
        assertEquals(Kind.OFF, bind(Everything.class, "kind: off").kind());
    }

    @Test
    void anUnknownKeyNamesTheNearestOne() {
        assertFault("x.yaml:4: stage_2.params.num_head: unknown key; did you mean num_heads?", () -> Config.parse(
                        "# c\nstage_2:\n  params:\n    num_head: 3\n", "x.yaml")
                .bind("stage_2.params", Model.class));
        assertFault(
                "x.yaml:1: zzzzzzzz: unknown key; known are hidden_size, num_heads, mlp_ratio, ckpt",
                () -> bind(Model.class, "zzzzzzzz: 1"));
    }

    @Test
    void aMissingKeyIsNamed() {
        assertFault("x.yaml:2: num_heads: required key is missing", () -> bind(Model.class, "", "hidden_size: 3"));
        assertFault("x.yaml:1: stage_2: required key is missing", () -> Config.parse("a: 1", "x.yaml")
                .bind("stage_2.params", Model.class));
    }

    @Test
    void aKeyUnderTwoNamesIsADuplicate() {
        assertFault(
                "x.yaml:2: t-min: duplicate key; t_min was first given at x.yaml:1",
                () -> bind(Everything.class, "t_min: 0", "t-min: 1"));
    }

    @Test
    void wrongTypesAreRefused() {
        assertFault("x.yaml:1: i: expected an integer, got 1.0", () -> bind(Everything.class, "i: 1.0"));
        assertFault(
                "x.yaml:1: i: expected an integer of 32 bits, got 3000000000",
                () -> bind(Everything.class, "i: 3000000000"));
        assertFault("x.yaml:1: i: expected an integer, got null", () -> bind(Everything.class, "i:"));
        assertFault("x.yaml:1: f: expected a number, got \"1\"", () -> bind(Everything.class, "f: '1'"));
        assertFault("x.yaml:1: flag: expected true or false, got 1", () -> bind(Everything.class, "flag: 1"));
        assertFault("x.yaml:1: numbers: expected a list, got 1", () -> bind(Everything.class, "numbers: 1"));
        assertFault(
                "x.yaml:2: numbers[1]: expected a number, got \"x\"",
                () -> bind(Everything.class, "numbers: [1,", " x]"));
        assertFault(
                "x.yaml:1: counts.a: expected an integer, got a list", () -> bind(Everything.class, "counts: {a: []}"));
        assertFault("x.yaml:1: rest: expected a section, got 3", () -> bind(Everything.class, "rest: 3"));
        assertFault("x.yaml:1: models[0]: expected a section, got 3", () -> bind(Everything.class, "models: [3]"));
        assertFault("x.yaml:1: name: expected text, got 12", () -> bind(Outer.class, "name: 12"));
        assertFault("x.yaml:1: name: expected text, got null", () -> bind(Outer.class, "name: null"));
        assertFault(
                "x.yaml:1: kind: expected one of logit_normal, off, v-pred, got \"uniform\"",
                () -> bind(Everything.class, "kind: uniform"));
        assertFault(
                "x.yaml:1: kind: expected one of logit_normal, off, v-pred, got null",
                () -> bind(Everything.class, "kind: null"));
        assertFault("x.yaml:1: loose: expected adam, got sgd", () -> bind(Everything.class, "loose: sgd"));
    }

    @Test
    void aRecordsOwnRefusalGetsPathAndLine() {
        assertFault(
                "x.yaml:3: model.hidden_size: expected a multiple of num_heads (3), got 8",
                () -> bind(Outer.class, "name: a", "model:", "  hidden_size: 8", "  num_heads: 3"));
        assertFault(
                "x.yaml:2: model: expected a positive ratio, got -1.0",
                () -> bind(Outer.class, "name: a", "model: {hidden_size: 8, num_heads: 2, mlp_ratio: -1}"));
    }

    @Test
    void anOverrideIsNamedInTheFaultItCauses() {
        Config config = Config.parse("model: {hidden_size: 8, num_heads: 2}\nname: a", "x.yaml");
        assertFault(
                "--set model.num_head=4: model.num_head: unknown key; did you mean num_heads?",
                () -> config.withOverrides(List.of("model.num_head=4")).bind("", Outer.class));
        assertFault(
                "--set model.hidden_size=9: model.hidden_size: expected a multiple of num_heads (2), got 9",
                () -> config.withOverrides(List.of("model.hidden_size=9")).bind("", Outer.class));
    }

    @Test
    void givenDefaultsStandInForAbsentKeysAtEveryDepth() {
        Outer defaults = new Outer(new Model(64, 4, 3.0, Path.of("x")), "base");
        Config config = Config.parse("o: {model: {num_heads: 8, ckpt: null}}", "x.yaml");
        assertFault(
                "x.yaml:1: o.model.ckpt: expected text, got 3",
                () -> Config.parse("o: {model: {ckpt: 3}}", "x.yaml").bind("o", Outer.class, defaults));
        assertEquals(new Outer(new Model(64, 8, 3.0, null), "base"), config.bind("o", Outer.class, defaults));
        assertEquals(defaults, config.bind("absent", Outer.class, defaults));
    }

    @Test
    void aRecordWrittenIntoTheTreeIsReadBackEqual() {
        Everything all = bind(Everything.class, "{f: 0.1, kind: off, t-min: 1e-7, numbers: [1e20]}");
        Config written = Config.parse("a: 1", "x.yaml").with("b.c", all);
        Everything again = Config.parse(written.toYaml(), "y.yaml").bind("b.c", Everything.class);
        assertEquals(
                written.toYaml(), Config.parse("a: 1", "x").with("b.c", again).toYaml());
        assertEquals(all.f(), again.f());
        assertEquals(all.kind(), again.kind());
        assertEquals(all.tMin(), again.tMin());
        assertEquals(all.numbers(), again.numbers());
        assertEquals(
                new Model(8, 2, 4.0, null),
                Config.parse("", "x").with("", all.models().get(0)).bind("", Model.class));
    }
}
