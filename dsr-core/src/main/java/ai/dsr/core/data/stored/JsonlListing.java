// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import ai.dsr.core.io.Json;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;

/**
 * A manifest of one JSON object a line: {@code {"file_name": "a/1.jpg", "text": "a red apple", "label": "apple"}}.
 *
 * <p>The image is {@code file_name}, {@code image} or {@code path}, relative to the manifest; the caption {@code text} or
 * {@code caption}, of a list the first; {@code label}, which may be missing, is the name of a class. Classes are in the
 * order of their UTF-8 bytes.
 */
record JsonlListing() implements Listing {
    private static final List<String> FILE_KEYS = List.of("file_name", "image", "path");
    private static final List<String> TEXT_KEYS = List.of("text", "caption");

    @Override
    public String kind() {
        return "jsonl";
    }

    @Override
    public Path root(Path manifest) {
        return manifest.toAbsolutePath().getParent();
    }

    @Override
    public SampleIndex list(Path manifest) {
        if (!Files.isRegularFile(manifest)) {
            throw new IllegalArgumentException(manifest + ": expected a file of JSON lines, got "
                    + (Files.exists(manifest) ? "a folder" : "no such file"));
        }
        SampleIndex.Builder samples = new SampleIndex.Builder();
        List<Line> lines = read(manifest, samples);
        List<String> classes = lines.stream()
                .map(Line::label)
                .distinct()
                .sorted(ImageFiles.BYTEWISE)
                .toList();
        for (Line line : lines) {
            samples.add(line.file, classes.indexOf(line.label), line.caption, line.size);
        }
        if (lines.isEmpty()) {
            throw new IllegalArgumentException(manifest + ": expected lines with file_name and text, got "
                    + (samples.faults() == 0
                            ? "an empty file"
                            : "no usable one; " + samples.firstFault().id() + ": "
                                    + samples.firstFault().reason()));
        }
        return samples.build(classes);
    }

    private record Line(String file, String caption, String label, long size) {}

    private List<Line> read(Path manifest, SampleIndex.Builder samples) {
        List<Line> lines = new ArrayList<>();
        try (BufferedReader reader = Files.newBufferedReader(manifest, StandardCharsets.UTF_8)) {
            BasicFileAttributes attributes = Files.readAttributes(manifest, BasicFileAttributes.class);
            samples.watch(
                    manifest.getFileName().toString(),
                    attributes.lastModifiedTime().toMillis(),
                    attributes.size());
            int number = 0;
            for (String text = reader.readLine(); text != null; text = reader.readLine()) {
                number++;
                if (text.isBlank()) {
                    continue;
                }
                try {
                    lines.add(parse(root(manifest), text, FolderListing.name(root(manifest))));
                } catch (UnusableException e) {
                    samples.fault(manifest.getFileName() + ":" + number, e.getMessage());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(manifest + ": cannot be read: " + e.getMessage(), e);
        }
        return lines;
    }

    private static Line parse(Path root, String text, String defaultLabel) throws UnusableException {
        JsonNode object;
        try {
            object = Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new UnusableException("expected a JSON object, got " + e.getOriginalMessage());
        }
        String file = text(object, FILE_KEYS);
        String caption = text(object, TEXT_KEYS);
        try {
            long size = Files.size(root.resolve(file));
            return new Line(file, caption, object.path("label").asText(defaultLabel), size);
        } catch (IOException e) {
            throw new UnusableException("image " + file + " cannot be read");
        }
    }

    private static String text(JsonNode object, List<String> keys) throws UnusableException {
        for (String key : keys) {
            JsonNode value = object.path(key);
            JsonNode first = value.isArray() ? value.path(0) : value;
            if (first.isTextual() && !first.asText().isBlank()) {
                return first.asText().strip();
            }
        }
        throw new UnusableException("expected one of " + keys + " with a text, got none");
    }

    /** A line that is no sample. */
    private static final class UnusableException extends Exception {
        private static final long serialVersionUID = 1L;

        UnusableException(String message) {
            super(message);
        }
    }
}
