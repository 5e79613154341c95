// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data.stored;

import ai.dsr.core.io.Json;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarFile;

/**
 * Shards in the layout of WebDataset: tar files whose members share a name up to the first dot if they belong to one
 * sample, such as {@code 000017.jpg}, {@code 000017.txt} and {@code 000017.cls}.
 *
 * <p>The path is one shard or a folder of {@code .tar} files, taken in the order of their UTF-8 bytes. A caption is the
 * member {@code .txt}, or {@code caption} or {@code text} of {@code .json}; a class is the whole number in {@code .cls},
 * or {@code label} of {@code .json}. The shards are not unpacked: images are read from where they lie.
 */
record TarListing() implements Listing {
    @Override
    public String kind() {
        return "tar";
    }

    @Override
    public Path root(Path path) {
        return Files.isDirectory(path) ? path : path.toAbsolutePath().getParent();
    }

    @Override
    public SampleIndex list(Path path) {
        SampleIndex.Builder samples = new SampleIndex.Builder();
        List<Member> members = new ArrayList<>();
        for (Path shard : shards(path)) {
            read(shard, members, samples);
        }
        if (members.isEmpty()) {
            throw new IllegalArgumentException(
                    path + ": expected images with captions or classes in its shards, got none");
        }
        boolean hasCaptions = members.stream().anyMatch(member -> member.caption != null);
        int classes =
                1 + members.stream().mapToInt(member -> member.label).max().getAsInt();
        for (Member member : members) {
            if (hasCaptions && member.caption == null) {
                samples.fault(member.id, "no caption, although others have one");
            } else {
                samples.add(member.id, member.shard, member.offset, member.length, member.label, member.caption);
            }
        }
        return samples.build(
                IntStream.range(0, classes).mapToObj(Integer::toString).toList());
    }

    private record Member(String id, String shard, long offset, long length, int label, String caption) {}

    private static List<Path> shards(Path path) {
        if (Files.isRegularFile(path)) {
            return List.of(path);
        }
        ImageFiles.requireFolder(path, "tar files");
        try (Stream<Path> files = Files.list(path)) {
            List<Path> shards = files.filter(file -> file.toString().endsWith(".tar"))
                    .sorted((a, b) -> ImageFiles.BYTEWISE.compare(
                            a.getFileName().toString(), b.getFileName().toString()))
                    .toList();
            if (shards.isEmpty()) {
                throw new IllegalArgumentException(
                        path + ": expected .tar files, got none; unpack compressed ones (.tar.gz) first");
            }
            return shards;
        } catch (IOException e) {
            throw new UncheckedIOException(path + ": cannot be listed: " + e.getMessage(), e);
        }
    }

    private static void read(Path shard, List<Member> members, SampleIndex.Builder samples) {
        String name = shard.getFileName().toString();
        try (TarFile tar = new TarFile(shard)) {
            BasicFileAttributes attributes = Files.readAttributes(shard, BasicFileAttributes.class);
            samples.watch(name, attributes.lastModifiedTime().toMillis(), attributes.size());
            Map<String, Map<String, TarArchiveEntry>> byKey = new LinkedHashMap<>();
            for (TarArchiveEntry entry : tar.getEntries()) {
                if (entry.isFile()) {
                    int dot = entry.getName().indexOf('.', entry.getName().lastIndexOf('/') + 1);
                    String key = dot < 0 ? entry.getName() : entry.getName().substring(0, dot);
                    String ending = dot < 0 ? "" : entry.getName().substring(dot + 1);
                    byKey.computeIfAbsent(key, k -> new LinkedHashMap<>()).put(ending, entry);
                }
            }
            for (Map.Entry<String, Map<String, TarArchiveEntry>> sample : byKey.entrySet()) {
                String id = name + "/" + sample.getKey();
                try {
                    members.add(member(tar, id, name, sample.getValue()));
                } catch (IllegalArgumentException e) {
                    samples.fault(id, e.getMessage());
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(shard + ": expected a tar file, got " + e.getMessage(), e);
        }
    }

    private static Member member(TarFile tar, String id, String shard, Map<String, TarArchiveEntry> parts)
            throws IOException {
        TarArchiveEntry image = parts.entrySet().stream()
                .filter(part -> ImageFiles.isImage("." + part.getKey()))
                .map(Map.Entry::getValue)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("expected an image among " + parts.keySet()));
        if (image.isSparse()) {
            throw new IllegalArgumentException("expected plain members, got a sparse one");
        }
        JsonNode json = parts.containsKey("json")
                ? json(text(tar, parts.get("json")))
                : Json.mapper().missingNode();
        String caption = parts.containsKey("txt")
                ? text(tar, parts.get("txt"))
                : json.path("caption").asText(json.path("text").asText(null));
        if (caption != null && caption.isBlank()) {
            throw new IllegalArgumentException("expected a caption, got an empty one");
        }
        String label = parts.containsKey("cls")
                ? text(tar, parts.get("cls"))
                : json.path("label").asText("0");
        if (!label.matches("\\d{1,7}")) {
            throw new IllegalArgumentException("expected a class of 0 or more, got " + label);
        }
        return new Member(id, shard, image.getDataOffset(), image.getSize(), Integer.parseInt(label), caption);
    }

    private static JsonNode json(String text) {
        try {
            return Json.mapper().readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("expected JSON, got " + e.getOriginalMessage());
        }
    }

    private static String text(TarFile tar, TarArchiveEntry entry) throws IOException {
        try (InputStream in = tar.getInputStream(entry)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8).strip();
        }
    }
}
