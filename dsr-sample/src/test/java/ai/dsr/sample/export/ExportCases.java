// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.export;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.testkit.Checker;
import ai.dsr.testkit.ConfigKeys;
import ai.dsr.testkit.FixtureCase;
import ai.dsr.testkit.UnsupportedCaseException;
import com.fasterxml.jackson.databind.JsonNode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** Golden folders of {@code eval.geneval} and {@code eval.dpg}. */
public final class ExportCases {
    private ExportCases() {}

    /** Writes a GenEval folder and compares it, file by file, with the stored one. */
    public static void genEval(FixtureCase fixture, Checker out) throws IOException {
        ConfigKeys keys = fixture.keys();
        if (keys.require("first_index").asInt() != 0) {
            throw new UnsupportedCaseException(
                    "first_index: " + keys.require("first_index") + "; folders count from 0");
        }
        List<String> lines = texts(keys.require("metadata_lines"));
        int each = keys.require("n_samples").asInt();
        List<String> expected = texts(keys.require("expected_files"));
        Path root = Files.createTempDirectory("geneval");
        try {
            fill(new GenEvalFolder(root, lines, each), images(fixture));
            requireFiles(root, expected, out);
            for (String file : expected) {
                Path want = fixture.folder().resolve("expected").resolve(file);
                Path got = root.resolve(file);
                if (file.endsWith(".png")
                        ? !ImageCodec.read(want).equals(ImageCodec.read(got))
                        : !Json.read(want).equals(Json.read(got))) {
                    out.fail(file + ": expected the stored content, got another");
                }
            }
        } finally {
            AtomicFiles.deleteFolder(root);
        }
    }

    /** Writes a DPG-Bench folder and compares its files and tiles with the stored ones. */
    public static void dpg(FixtureCase fixture, Checker out) throws IOException {
        ConfigKeys keys = fixture.keys();
        List<String> files = texts(keys.require("prompt_files"));
        Map<String, String> prompts = new LinkedHashMap<>();
        files.forEach(file -> prompts.put(file.replaceFirst("\\.txt$", ""), "a prompt"));
        int each = keys.require("pic_num").asInt();
        List<String> expected = texts(keys.require("expected_files"));
        Path root = Files.createTempDirectory("dpg");
        try {
            fill(new DpgFolder(root, prompts, each, keys.require("resolution").asInt()), images(fixture));
            requireFiles(root, expected, out);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            RgbImage first = ImageCodec.read(root.resolve(expected.get(0)));
            for (String id : prompts.keySet()) {
                bytes.writeBytes(ImageCodec.read(root.resolve(id + ".png")).toBytes());
            }
            Shape shape = new Shape(prompts.size(), first.height(), first.width(), RgbImage.CHANNELS);
            out.check("grids", fixture.manager().create(ByteBuffer.wrap(bytes.toByteArray()), shape, DataType.UINT8));
        } finally {
            AtomicFiles.deleteFolder(root);
        }
    }

    private static void fill(PromptLayout layout, List<List<RgbImage>> images) {
        for (int i = 0; i < layout.size(); i++) {
            layout.write(i, images.get(i), Collections.nCopies(layout.imagesEach(), Map.of()));
        }
    }

    private static void requireFiles(Path root, List<String> expected, Checker out) throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            List<String> got = files.filter(Files::isRegularFile)
                    .map(file -> root.relativize(file).toString().replace('\\', '/'))
                    .sorted()
                    .toList();
            if (!got.equals(expected.stream().sorted().toList())) {
                out.fail("files: expected " + expected + ", got " + got);
            }
        }
    }

    /** Input {@code images (P, S, H, W, 3)}. */
    private static List<List<RgbImage>> images(FixtureCase fixture) {
        NDArray images = fixture.in("images");
        Shape shape = images.getShape();
        int height = (int) shape.get(2);
        int width = (int) shape.get(3);
        byte[] bytes = images.toByteArray();
        int each = height * width * RgbImage.CHANNELS;
        List<List<RgbImage>> prompts = new ArrayList<>();
        for (int p = 0; p < shape.get(0); p++) {
            List<RgbImage> samples = new ArrayList<>();
            for (int s = 0; s < shape.get(1); s++) {
                byte[] one = new byte[each];
                System.arraycopy(bytes, (int) ((p * shape.get(1) + s) * each), one, 0, each);
                samples.add(RgbImage.of(width, height, one));
            }
            prompts.add(samples);
        }
        return prompts;
    }

    private static List<String> texts(JsonNode list) {
        List<String> texts = new ArrayList<>();
        list.forEach(item -> texts.add(item.asText()));
        return texts;
    }
}
