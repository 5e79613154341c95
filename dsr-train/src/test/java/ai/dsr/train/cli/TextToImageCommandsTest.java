// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.io.Json;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** From captions to pictures and back again by the commands, on a project of width 16. */
class TextToImageCommandsTest {
    private static final String WEIGHTS = "checkpoints/step-3/model.safetensors";

    @TempDir
    private static Path root;

    private static Path run;

    private static String dsr(int code, Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] texts = Stream.of(args).map(Object::toString).toArray(String[]::new);
        assertEquals(code, Dsr.execute(new PrintWriter(out, true), new PrintWriter(err, true), texts), err::toString);
        return out.toString() + err;
    }

    @BeforeAll
    static void train() {
        TinyFiles.write(root);
        dsr(0, "train-decoder", root.resolve("decoder.yaml"));
        dsr(0, "train", TinyFiles.writeText(root, "t2i"));
        run = root.resolve("runs/t2i");
    }

    @Test
    void trainingLeavesAPreviewOfThePrompts() {
        assertTrue(ImageCodec.read(run.resolve("samples/step-0000002.png")).width() >= 28);
    }

    @Test
    void aRunThatWasStoppedEndsWithTheSameWeights() throws IOException {
        Path config = TinyFiles.writeText(root, "stopped");
        dsr(0, "train", config, "--set", "training.steps=2", "--set", "training.checkpoint_steps=2");
        dsr(0, "train", config, "--resume", "--set", "training.checkpoint_steps=2");
        assertArrayEquals(
                Files.readAllBytes(run.resolve(WEIGHTS)),
                Files.readAllBytes(root.resolve("runs/stopped").resolve(WEIGHTS)));
    }

    @Test
    void segmentsThatAreComputedTwiceLeadToTheSameWeights() throws IOException {
        dsr(0, "train", TinyFiles.writeText(root, "segments"), "--set", "training.checkpoint_segments=2");
        assertArrayEquals(
                Files.readAllBytes(run.resolve(WEIGHTS)),
                Files.readAllBytes(root.resolve("runs/segments").resolve(WEIGHTS)));
    }

    @Test
    void aPromptIsDrawnAndRemadeFromABundle() {
        Path bundle = root.resolve("bundle");
        Path out = root.resolve("out");
        dsr(0, "bundle", run, "--out", bundle);
        dsr(0, "sample", bundle, "--prompt", "a picture of apples", "--count", 2, "--seed", 5, "--out", out);
        Path second = out.resolve("00000-001-a-picture-of-apples.png");
        String remade = dsr(0, "remake", second, "--bundle", bundle, "--out", root.resolve("again.png"));
        assertTrue(remade.contains("all 784 as before"), remade);
        assertEquals(ImageCodec.read(second), ImageCodec.read(root.resolve("again.png")));

        String other = dsr(1, "remake", second, "--bundle", run, "--out", root.resolve("run.png"));
        assertTrue(other.contains("differs: ") && other.contains("denoiser"), other); // float32 weights, not float16
        assertTrue(
                dsr(2, "remake", second, "--out", root.resolve("none.png")).contains("--bundle: expected the bundle"));
        assertTrue(dsr(2, "remake", run.resolve("samples/step-0000002.png"), "--out", root.resolve("none.png"))
                .contains("expected a picture of this library, got one without the text chunk dsr:class"));
    }

    @Test
    void theDenoiserIsInspectedWithoutACaption() {
        Path out = root.resolve("inspected");
        dsr(0, "inspect", run, "--images", root.resolve("images"), "--levels", 0.5, "--out", out);
        assertEquals(
                "nothing",
                Json.read(out.resolve("inspection.json")).path("condition").asText());
    }

    @Test
    void aFileOfPromptsIsDrawnLineByLine() throws IOException {
        Path prompts = root.resolve("prompts.txt");
        Files.writeString(prompts, "apples\n\nberries\n");
        Path out = root.resolve("lines");
        dsr(0, "sample", run, "--prompts", prompts, "--count", 1, "--steps", 2, "--guidance", 1, "--out", out);
        assertTrue(Files.exists(out.resolve("00000-000-apples.png")));
        assertTrue(Files.exists(out.resolve("00001-000-berries.png")));
        Files.writeString(prompts, "\n");
        assertTrue(dsr(2, "sample", run, "--prompts", prompts).contains("--prompts: expected one prompt a line"));
    }

    @Test
    void aBenchmarkIsExported() throws IOException {
        Path metadata = root.resolve("evaluation_metadata.jsonl");
        Files.writeString(metadata, "{\"tag\": \"colors\", \"include\": [], \"prompt\": \"red apples\"}\n");
        Path out = root.resolve("geneval");
        String first = dsr(0, "export", "geneval", metadata, run, "--out", out, "--count", 2, "--steps", 2);
        assertTrue(first.contains("1 of them drawn now"), first);
        String second = dsr(0, "export", "geneval", metadata, run, "--out", out, "--count", 2, "--steps", 2);
        assertTrue(second.contains("0 of them drawn now"), second);
        assertTrue(Files.exists(out.resolve("00000/samples/00001.png")));
    }

    /** Pixels are latents, too: without {@code stage_1} there is nothing to encode and to decode. */
    @Test
    void aTextModelOfPixelsNeedsNoAutoencoder() throws IOException {
        Path config = TinyFiles.writeText(root, "pixels");
        String yaml = Files.readString(config);
        int from = yaml.indexOf("stage_1:");
        Files.writeString(
                config,
                yaml.substring(0, from)
                        + yaml.substring(yaml.indexOf("stage_2:"))
                                .replace(
                                        "input_size: 2, patch_size: 1, in_channels: 16",
                                        "input_size: 28, patch_size: 14, in_channels: 3")
                                .replace("latent_size: [16, 2, 2]", "latent_size: [3, 28, 28]"));
        dsr(0, "train", config);
        Path pixels = root.resolve("runs/pixels");
        Path bundle = root.resolve("pixels-bundle");
        dsr(0, "bundle", pixels, "--out", bundle);
        dsr(0, "sample", bundle, "--prompt", "apples", "--count", 1, "--out", root.resolve("pixels-out"));
        assertEquals(
                28,
                ImageCodec.read(root.resolve("pixels-out/00000-000-apples.png")).width());
    }

    @Test
    void whatDoesNotFitIsRefused() {
        assertTrue(dsr(2, "sample", run).contains("--prompt: expected what to draw in words, got nothing"));
        Path config = root.resolve("t2i.yaml");
        assertTrue(dsr(2, "train", config, "--set", "run.dir=\"" + root + "/no\"", "--set", "text.connector.rows=3")
                .contains("text.connector.rows: expected a number that divides 4 image tokens, got 3"));
        String sides = "stage_2.params.input_size=4";
        String latents = "misc.latent_size=[16, 4, 4]";
        String run = "run.dir=\"" + root + "/no\"";
        assertTrue(dsr(2, "train", config, "--set", run, "--set", sides, "--set", latents)
                .contains("misc.latent_size: expected that of the data, (16, 2, 2), got (16, 4, 4)"));
        assertTrue(dsr(2, "train", root.resolve("dit.yaml"), "--set", "run.dir=\"" + root + "/no\"", "--set", "text={}")
                .contains("stage_2.target: expected a denoiser that takes captions"));
    }
}
