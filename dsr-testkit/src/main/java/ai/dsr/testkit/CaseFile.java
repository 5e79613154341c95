// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitOption;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * What {@code case.json} says, without the tensors beside it.
 *
 * @param folder the case's folder
 * @param kind what is checked, for example {@code dit.lightning}
 * @param name the case's name, unique within its kind
 * @param json the whole file
 */
record CaseFile(Path folder, String kind, String name, JsonNode json) {
    /** Name of the file that makes a folder a case. */
    static final String FILE = "case.json";

    /** A root holds kinds, a kind holds cases, a case holds its files. */
    private static final int DEPTH = 3;

    private static final ObjectMapper JSON = new ObjectMapper();

    /** Finds all cases under {@code root} (which may itself be a kind's or a case's folder), sorted by path. */
    static List<CaseFile> find(Path root) {
        if (!Files.isDirectory(root)) {
            throw new IllegalArgumentException(
                    "dsr.parity: expected a folder of golden cases, got " + root + "; give an absolute path");
        }
        try (Stream<Path> files = Files.walk(root, DEPTH, FileVisitOption.FOLLOW_LINKS)) {
            return files.filter(file -> file.endsWith(FILE))
                    .sorted()
                    .map(CaseFile::read)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(root + ": cannot be listed", e);
        }
    }

    /** Reads the {@code case.json} at {@code file}. */
    static CaseFile read(Path file) {
        JsonNode json;
        try {
            json = JSON.readTree(file.toFile());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": expected JSON", e);
        }
        return new CaseFile(file.getParent(), text(file, json, "kind"), text(file, json, "case"), json);
    }

    /** {@code kind/case}, the name under which the case is reported. */
    String id() {
        return kind + "/" + name;
    }

    /** The configuration; an empty object if the case has none. */
    JsonNode config() {
        return json.has("config") ? json.get("config") : JsonNodeFactory.instance.objectNode();
    }

    /** The tolerance of output {@code output}; each has its own. */
    Tolerance tolerance(String output) {
        return tolerance(json.path("outputs").path(output), "outputs." + output);
    }

    /** The one tolerance of all gradients of the case. */
    Tolerance gradientTolerance() {
        return tolerance(json.path("gradients"), "gradients");
    }

    private Tolerance tolerance(JsonNode node, String key) {
        if (!node.path("atol").isNumber() || !node.path("rtol").isNumber()) {
            throw new IllegalArgumentException(
                    folder.resolve(FILE) + ": " + key + ": expected numbers atol and rtol, got " + node);
        }
        return new Tolerance(node.get("atol").asDouble(), node.get("rtol").asDouble());
    }

    private static String text(Path file, JsonNode json, String key) {
        if (!json.path(key).isTextual()) {
            throw new IllegalArgumentException(file + ": " + key + ": expected a text, got " + json.path(key));
        }
        return json.get(key).asText();
    }
}
