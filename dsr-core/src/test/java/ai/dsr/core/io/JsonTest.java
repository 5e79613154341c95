// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.io;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTest {
    record State(int step, String name) {}

    @TempDir
    Path folder;

    private static void assertRefused(String start, String text) {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> Json.parse(text.getBytes(StandardCharsets.UTF_8), State.class, "s.json"))
                .getMessage();
        assertTrue(message.startsWith(start), message);
    }

    @Test
    void recordsAreWrittenAndReadBack() {
        Path file = folder.resolve("state.json");
        Json.write(file, new State(3, "ü"));
        assertEquals(new State(3, "ü"), Json.read(file, State.class));
        assertEquals(3, Json.read(file).get("step").intValue());
        assertEquals("{\n  \"step\" : 3,\n  \"name\" : \"a\"\n}\n", Json.pretty(new State(3, "a")));
    }

    @Test
    void canonicalTextDoesNotDependOnOrder() {
        Map<String, Object> map = new LinkedHashMap<>();
        map.put("b", Json.mapper().createObjectNode().put("z", 1).put("y", 2));
        map.put("a", new State(1, "n"));
        assertEquals("{\"a\":{\"name\":\"n\",\"step\":1},\"b\":{\"y\":2,\"z\":1}}", Json.canonical(map));
    }

    @Test
    void looseJsonIsRefused() {
        assertRefused("s.json:1: expected JSON: ", "{\"step\":1,\"step\":2}");
        assertRefused("s.json:1: expected JSON: ", "{\"step\":1} {}");
        assertRefused("s.json:2: expected JSON: ", "{\"step\":1,\n\"other\":2}");
        assertRefused("s.json:1: expected JSON: ", "{\"step\":null}");
        assertRefused("s.json", "");
        assertRefused("s.json: expected JSON, got null", "null");
    }

    @Test
    void whatCannotBeReadOrWrittenIsNamed() {
        Path absent = folder.resolve("absent.json");
        String message = assertThrows(UncheckedIOException.class, () -> Json.read(absent))
                .getMessage();
        assertTrue(message.startsWith(absent + ": cannot be read (NoSuchFile"), message);
        assertTrue(assertThrows(IllegalArgumentException.class, () -> Json.pretty(new Object()))
                .getMessage()
                .startsWith("value: expected a record, map, list or scalar, got class java.lang.Object"));
    }
}
