// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.config;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import ai.dsr.core.io.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The content of published configurations, written in YAML as users do, against the same content in JSON. */
class PublishedConfigTest {
    @Test
    void everyFixtureIsReadAsItsResolvedContent() throws IOException {
        Path root = Path.of(System.getProperty("dsr.root"), "fixtures", "config.yaml");
        List<Path> cases;
        try (Stream<Path> folders = Files.list(root)) {
            cases = folders.sorted().toList();
        }
        assertFalse(cases.isEmpty());
        for (Path folder : cases) {
            JsonNode resolved = Json.read(folder.resolve("case.json")).at("/config/resolved");
            Config config = Config.load(folder.resolve("config.yaml"));
            // Both through text, for in a tree an int is not equal to the same long.
            assertEquals(Json.canonical(resolved), Json.canonical(config.toMap()), folder.toString());
            assertEquals(config.toMap(), Config.parse(config.toYaml(), "again").toMap(), folder.toString());
        }
    }
}
