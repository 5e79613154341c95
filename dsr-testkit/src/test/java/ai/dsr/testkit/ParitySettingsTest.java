// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParitySettingsTest {
    private static final List<String> PROPERTIES = List.of("dsr.parity", "dsr.parity.strict", "dsr.root", "basedir");

    private final Map<String, String> saved = new HashMap<>();

    @TempDir
    private Path project;

    @BeforeEach
    void clearProperties() {
        PROPERTIES.forEach(name -> saved.put(name, System.clearProperty(name)));
    }

    @AfterEach
    void restoreProperties() {
        saved.forEach((name, value) -> {
            if (value == null) {
                System.clearProperty(name);
            } else {
                System.setProperty(name, value);
            }
        });
    }

    @Test
    void theProjectIsFoundUpwardsFromTheModule() throws IOException {
        Files.createDirectories(project.resolve("fixtures"));
        System.setProperty("basedir", project.resolve("dsr-a").toString());
        ParitySettings settings = ParitySettings.fromProperties();
        assertEquals(project.resolve("fixtures"), settings.root());
        assertEquals(project.resolve("dsr-a/target/parity.jsonl"), settings.report());
        assertFalse(settings.isStrict());
    }

    @Test
    void propertiesNameTheProjectTheCasesAndStrictness() {
        System.setProperty("dsr.root", project.toString());
        assertEquals(
                project.resolve("fixtures"), ParitySettings.fromProperties().root());
        System.setProperty("dsr.parity", "other");
        assertEquals(project.resolve("other"), ParitySettings.fromProperties().root());
        System.setProperty("dsr.parity", project.resolve("far/away").toString());
        System.setProperty("dsr.parity.strict", "true");
        assertEquals(
                project.resolve("far/away"), ParitySettings.fromProperties().root());
        assertTrue(ParitySettings.fromProperties().isStrict());
    }

    @Test
    void casesAreFoundThroughALinkAndAtAnyLevel() throws IOException {
        Path folder = new CaseWriter(project.resolve("real")).write("a.kind", "one");
        Path link = Files.createSymbolicLink(project.resolve("link"), project.resolve("real"));
        assertEquals(List.of("a.kind/one"), ids(link));
        assertEquals(List.of("a.kind/one"), ids(folder.getParent()));
        assertEquals(List.of("a.kind/one"), ids(folder));
    }

    private static List<String> ids(Path root) {
        return CaseFile.find(root).stream().map(CaseFile::id).toList();
    }
}
