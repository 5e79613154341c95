// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.export;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The folder that GenEval's scorer walks (Ghosh et al., 2023): {@code 00000/metadata.jsonl}, {@code
 * 00000/samples/00000.png} and so on, a folder a prompt.
 *
 * <p>{@code metadata.jsonl} is the prompt's line of {@code evaluation_metadata.jsonl}, unchanged; it is written after the
 * pictures, so a folder that has it is complete.
 */
public final class GenEvalFolder implements PromptLayout {
    private static final String METADATA = "metadata.jsonl";

    private final Path root;
    private final List<String> lines;
    private final List<JsonNode> metadata;
    private final int imagesEach;

    /**
     * A layout.
     *
     * @param root the folder, which need not exist
     * @param lines one JSON object a prompt
     * @param imagesEach pictures a prompt, four by convention
     * @throws IllegalArgumentException naming the line that is no object with a prompt, or that comes twice
     */
    public GenEvalFolder(Path root, List<String> lines, int imagesEach) {
        if (imagesEach < 1) {
            throw new IllegalArgumentException("count: expected 1 or more images a prompt, got " + imagesEach);
        }
        this.root = root;
        this.lines = List.copyOf(lines);
        this.imagesEach = imagesEach;
        metadata = new ArrayList<>();
        for (String line : lines) {
            metadata.add(parse(line, metadata));
        }
    }

    private static JsonNode parse(String line, List<JsonNode> before) {
        String where = "metadata line " + (before.size() + 1);
        JsonNode node = Json.parse(line.getBytes(StandardCharsets.UTF_8), JsonNode.class, where);
        if (!node.path("prompt").isTextual()
                || !node.path("tag").isTextual()
                || !node.path("include").isArray()) {
            throw new IllegalArgumentException(
                    where + ": expected an object with tag, include and prompt, got " + line);
        }
        if (before.contains(node)) {
            throw new IllegalArgumentException(where + ": expected another object than those before, got the same as"
                    + " line " + (before.indexOf(node) + 1) + "; the scorer would take both for one prompt");
        }
        return node;
    }

    /** Reads the lines of {@code evaluation_metadata.jsonl}. */
    public static List<String> read(Path file) {
        try {
            return Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank())
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public int size() {
        return lines.size();
    }

    @Override
    public String prompt(int i) {
        return metadata.get(i).path("prompt").asText();
    }

    @Override
    public int imagesEach() {
        return imagesEach;
    }

    private Path folder(int i) {
        return root.resolve(String.format(Locale.ROOT, "%05d", i));
    }

    private Path sample(int prompt, int image) {
        return folder(prompt).resolve("samples").resolve(String.format(Locale.ROOT, "%05d.png", image));
    }

    @Override
    public Path evidence(int i) {
        return sample(i, 0);
    }

    @Override
    public boolean isDone(int i) {
        Path file = folder(i).resolve(METADATA);
        if (!Files.exists(file)) {
            return false;
        }
        if (!Json.read(file).equals(metadata.get(i))) {
            throw new IllegalArgumentException(
                    file + ": expected line " + (i + 1) + " of the metadata, got another; use another folder");
        }
        boolean complete = true;
        for (int image = 0; image < imagesEach; image++) {
            complete &= Files.exists(sample(i, image));
        }
        return complete;
    }

    @Override
    public void write(int i, List<RgbImage> images, List<Map<String, String>> texts) {
        for (int image = 0; image < imagesEach; image++) {
            ImageCodec.writePng(sample(i, image), images.get(image), texts.get(image));
        }
        AtomicFiles.writeString(folder(i).resolve(METADATA), lines.get(i) + "\n");
    }
}
