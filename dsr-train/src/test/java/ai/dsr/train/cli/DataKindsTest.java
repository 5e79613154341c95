// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The commands on data sets in other layouts than class folders, with mirror images and corrupt files. */
class DataKindsTest {
    @TempDir
    private static Path root;

    @BeforeAll
    static void prepare() {
        TinyFiles.write(root);
        run(0, "train-decoder", root.resolve("decoder.yaml"));
    }

    private static String run(int code, Object... arguments) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[arguments.length];
        for (int i = 0; i < words.length; i++) {
            words[i] = arguments[i].toString();
        }
        assertEquals(code, Dsr.execute(new PrintWriter(out), new PrintWriter(err), words), () -> out + "\n" + err);
        return code == 0 ? out.toString() : err.toString().strip();
    }

    private static List<Object> with(String command, String... settings) {
        List<Object> words = new ArrayList<>(List.of(command, root.resolve("dit.yaml")));
        for (String setting : settings) {
            words.addAll(List.of("--set", setting));
        }
        return words;
    }

    @Test
    void aManifestWithMirrorImagesTrainsInBfloat16() throws IOException {
        StringBuilder lines = new StringBuilder();
        for (String name : List.of("apples", "berries")) {
            for (int i = 0; i < 4; i++) {
                lines.append("{\"file_name\": \"images/%s/%d.png\", \"text\": \"%s\", \"label\": \"%s\"}\n"
                        .formatted(name, i, name, name));
            }
        }
        Path manifest = Files.writeString(root.resolve("all.jsonl"), lines);
        String[] settings = {
            "data.type=jsonl",
            "data.path=" + manifest,
            "data.random_flip=true",
            "data.latent_dtype=bfloat16",
            "run.dir=" + root.resolve("runs/jsonl")
        };
        String text = run(0, with("encode", settings).toArray());
        assertTrue(text.contains("latents:    16 of (16, 2, 2)"), text);
        assertTrue(text.contains("training:   8, held out: 0"), text);
        run(0, with("train", settings).toArray());
        assertTrue(Files.exists(root.resolve("runs/jsonl/checkpoints/step-3/ema.safetensors")));
    }

    @Test
    void shardsWithABrokenImageTrainWithoutIt() throws IOException {
        Path shard = root.resolve("shard.tar");
        try (TarArchiveOutputStream out = new TarArchiveOutputStream(Files.newOutputStream(shard))) {
            for (int i = 0; i < 8; i++) {
                byte[] image = Files.readAllBytes(root.resolve("images")
                        .resolve(i % 2 == 0 ? "apples" : "berries")
                        .resolve(i / 2 + ".png"));
                add(out, i + ".png", i == 5 ? new byte[] {1, 2, 3} : image);
                add(out, i + ".cls", Integer.toString(i % 2).getBytes(StandardCharsets.US_ASCII));
            }
        }
        String refused =
                run(2, with("encode", "data.type=tar", "data.path=" + shard).toArray());
        assertTrue(refused.startsWith("error: data.max_corrupt: expected at most 0 of 8 images"), refused);
        assertTrue(refused.contains("shard.tar (shard.tar/5): expected a PNG"), refused);
        String text = run(
                0,
                with("encode", "data.type=tar", "data.path=" + shard, "data.max_corrupt=0.2")
                        .toArray());
        assertTrue(text.contains("training:   7, held out: 0"), text);
        assertTrue(text.contains("left out:   1 that cannot be read"), text);
    }

    private static void add(TarArchiveOutputStream out, String name, byte[] bytes) throws IOException {
        TarArchiveEntry entry = new TarArchiveEntry(name);
        entry.setSize(bytes.length);
        out.putArchiveEntry(entry);
        out.write(bytes);
        out.closeArchiveEntry();
    }

    @Test
    void keysThatDoNotFitAreNamed() {
        assertTrue(run(2, with("encode", "data.latent_dtype=int8").toArray())
                .contains("latent_dtype: expected float16, bfloat16 or float32, got int8"));
        assertTrue(run(2, with("encode", "data.max_corrupt=2").toArray())
                .contains("max_corrupt: expected a share of 0 to 1, got 2"));
    }

    @Test
    void anEncoderInShardsIsReadAndHashed() throws IOException {
        Path sharded = Files.createDirectories(root.resolve("sharded"));
        Path encoder = root.resolve("encoder");
        Files.copy(encoder.resolve("config.json"), sharded.resolve("config.json"));
        Files.copy(encoder.resolve("model.safetensors"), sharded.resolve("model-1.safetensors"));
        Map<String, String> places = new TreeMap<>();
        SafeTensors.read(encoder.resolve("model.safetensors"))
                .names()
                .forEach(name -> places.put(name, "model-1.safetensors"));
        Json.write(sharded.resolve("model.safetensors.index.json"), Map.of("weight_map", places));
        String text = run(
                0, with("encode", "stage_1.params.encoder_config_path=sharded").toArray());
        assertTrue(text.contains("latents:    8 of (16, 2, 2)"), text);
    }
}
