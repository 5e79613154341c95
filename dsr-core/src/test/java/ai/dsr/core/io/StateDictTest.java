// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class StateDictTest {
    private static StateDict dict(String... names) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        for (String name : names) {
            tensors.put(name, TensorData.of(new float[2], 1, 2));
        }
        return StateDict.of("model.safetensors", tensors);
    }

    private static Map<String, Shape> expected(String... names) {
        Map<String, Shape> shapes = new LinkedHashMap<>();
        for (String name : names) {
            shapes.put(name, new Shape(1, 2));
        }
        return shapes;
    }

    private static void assertRefused(String message, Executable action) {
        assertEquals(
                message, assertThrows(IllegalArgumentException.class, action).getMessage());
    }

    private static List<String> names(StateDict dict) {
        return List.copyOf(dict.names());
    }

    @Test
    void viewsKeepTheOrder() {
        StateDict dict = dict("decoder.b", "head", "decoder.a");
        assertEquals(3, dict.size());
        assertEquals(List.of("head"), names(dict.without("decoder.")));
        assertEquals(List.of("b", "a"), names(dict.under("decoder.")));
        assertEquals(List.of("decoder.b", "decoder.a"), names(dict.filter(name -> name.contains("."))));
        assertEquals(List.of("x.decoder.b", "x.head", "x.decoder.a"), names(dict.renamed(name -> "x." + name)));
        assertThrows(UnsupportedOperationException.class, () -> dict.toMap().clear());
    }

    @Test
    void renamingTwoNamesToOneIsRefused() {
        assertRefused(
                "model.safetensors: expected distinct names after renaming, got twice b -> x",
                () -> dict("a", "b").renamed(name -> "x"));
    }

    @Test
    void absentAndMisshapenTensorsAreRefused() {
        assertRefused("model.safetensors: expected a tensor c, got a, b", () -> dict("a", "b")
                .get("c"));
        assertRefused("model.safetensors: a: expected shape (2), got (1, 2)", () -> dict("a")
                .require("a", new Shape(2)));
        assertEquals(2, dict("a").require("a", new Shape(1, 2)).size());
    }

    @Test
    void differencesAreListedInOneLine() {
        StateDict dict = dict("w", "cls_token");
        assertRefused(
                "model.safetensors: 2 names missing (pos_embed, blocks.0.attn.qkv.weight), 1 unexpected (cls_token)",
                () -> dict.requireExactly(expected("pos_embed", "w", "blocks.0.attn.qkv.weight")));
        assertRefused(
                "model.safetensors: 1 name unexpected (cls_token); check encoder.type",
                () -> LoadReport.compare(dict, expected("w"), name -> false).requireClean("check encoder.type"));
        assertRefused("model.safetensors: 1 name misshapen (w: expected (3), got (1, 2))", () -> dict("w")
                .requireExactly(Map.of("w", new Shape(3))));
    }

    @Test
    void longListsAreCut() {
        String[] names = new String[11];
        for (int i = 0; i < names.length; i++) {
            names[i] = "b" + i;
        }
        assertRefused(
                "model.safetensors: 11 names unexpected (b0, b1, b2, b3, b4, b5, b6, b7 and 3 more)",
                () -> dict(names).requireExactly(Map.of()));
    }

    @Test
    void ignorableNamesDoNotCount() {
        LoadReport report =
                LoadReport.compare(dict("w", "rope.freqs"), expected("w"), name -> name.startsWith("rope."));
        assertTrue(report.isClean());
        report.requireClean();
        report.requireClean("unused advice");
        assertEquals("model.safetensors: all names and shapes as expected", report.toMessage());
        assertFalse(LoadReport.compare(dict("w"), expected("v"), name -> true).isClean());
        dict("w").requireExactly(expected("w"));
    }
}
