// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.ConfigException;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.text.Conditioner;
import ai.dsr.dit.text.Qwen2Config;
import ai.dsr.dit.text.TextToLatent;
import ai.dsr.dit.text.TokenIds;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.ConditionerConfig;
import ai.dsr.sample.config.Experiment;
import ai.dsr.testkit.LeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Captions as token ids, and language models and settings that do not go together. */
@ExtendWith(LeakCheck.class)
class TokenReaderTest {
    private static final ConditionerConfig LENGTH = config(4, "{caption}");

    @TempDir
    private Path root;

    private Path folder;

    @BeforeEach
    void write() {
        folder = TinyProject.writeLanguageModel(root.resolve("qwen"), 1);
    }

    private static ConditionerConfig config(int maxLength, String prompt) {
        return new ConditionerConfig("qwen", null, null, true, maxLength, prompt);
    }

    private String refused() {
        return assertThrows(IllegalArgumentException.class, () -> TokenReader.open(LENGTH, folder))
                .getMessage();
    }

    @Test
    void captionsBecomeIdsAndLoseTheirEnd(NDManager manager) {
        try (TokenReader reader = TokenReader.open(LENGTH, folder)) {
            assertArrayEquals(new long[] {1, 2, 3, 4}, reader.ids("a picture of apples berries"));
            TokenIds one = reader.read(manager, "apples unheard");
            assertArrayEquals(new long[] {4, 0}, one.ids().toLongArray());
            assertNull(one.mask());
            assertEquals(new Shape(1, 0), reader.read(manager, "").ids().getShape());
            assertEquals(
                    "text.conditioner.path: expected a tokenizer of ids below vocab_size (12), got 99 for \"far\"",
                    assertThrows(IllegalArgumentException.class, () -> reader.ids("far"))
                            .getMessage());
        }
    }

    @Test
    void aPromptStandsAroundTheCaptionWhateverIsCut(NDManager manager) {
        ConditionerConfig around = config(3, "a picture of {caption} a");
        try (TokenReader reader = TokenReader.open(around, folder)) {
            assertArrayEquals(
                    new long[] {1, 2, 3, 4, 5, 4, 1}, reader.ids("apples berries apples berries"), "cut to three");
            assertArrayEquals(new long[] {1, 2, 3, 1}, reader.ids(""));
        }
        assertEquals(
                "prompt: expected a text with {caption} in it once, got a picture",
                assertThrows(IllegalArgumentException.class, () -> config(4, "a picture"))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> config(4, "{caption}{caption}"));
    }

    private String fingerprint(ConditionerConfig length) {
        try (TokenReader reader = TokenReader.open(length, folder)) {
            return reader.fingerprint();
        }
    }

    @Test
    void theFingerprintCoversWeightsSizesTokenizerAndLength() throws IOException {
        String before = fingerprint(LENGTH);
        assertEquals(before, fingerprint(LENGTH));
        assertNotEquals(before, fingerprint(config(5, "{caption}")));
        assertNotEquals(before, fingerprint(config(4, "a {caption}")));
        for (String file : List.of("config.json", "tokenizer.json")) {
            String text = Files.readString(folder.resolve(file));
            Files.writeString(
                    folder.resolve(file),
                    text.replace("}", file.equals("config.json") ? ", \"rope_theta\": 5000.0}" : " }"));
            assertNotEquals(before, fingerprint(LENGTH), file);
            Files.writeString(folder.resolve(file), text);
        }
        TinyProject.writeLanguageModel(folder, 2);
        assertNotEquals(before, fingerprint(LENGTH));
    }

    @Test
    void aFolderThatLacksAPartIsNamed() throws IOException {
        Files.delete(folder.resolve("tokenizer.json"));
        assertEquals("text.conditioner.path: expected a folder with tokenizer.json, got " + folder, refused());
        Files.delete(folder.resolve("model.safetensors"));
        assertEquals(
                "text.conditioner.path: expected a folder with config.json and safetensors of a Qwen2, got " + folder,
                refused());
    }

    private Experiment experiment(String conditioner, String... more) {
        Experiment bundle = Bundle.open(TinyProject.writeText(root)).experiment();
        return bundle.with(List.of("text={conditioner: {path: ../qwen, " + conditioner + "}}"))
                .with(List.of(more));
    }

    @Test
    void settingsThatDoNotGoTogetherAreNamed() {
        assertTrue(assertThrows(ConfigException.class, () -> experiment("num_queries: 3")
                        .textDenoiser())
                .getMessage()
                .endsWith("text.conditioner.num_queries: expected a number that divides 4 image tokens, got 3"));
        assertTrue(assertThrows(ConfigException.class, () -> experiment("num_queries: 0")
                        .text())
                .getMessage()
                .endsWith("num_queries: expected 1 or more, got 0"));
        assertTrue(assertThrows(ConfigException.class, () -> experiment("", "text.connector={}")
                        .text())
                .getMessage()
                .endsWith(
                        "text.conditioner: expected no text.encoder and no text.connector beside it, got a connector"));
        Experiment narrow = experiment("projector: false");
        try (CaptionReader reader = Stages.captionReader(narrow)) {
            assertEquals(
                    "stage_2.params.z_channels: expected the width of the language model (16) with"
                            + " text.conditioner.projector false, got 8",
                    assertThrows(IllegalArgumentException.class, () -> Stages.textToLatent(narrow, reader))
                            .getMessage());
        }
        assertEquals(
                "text.conditioner.head_path: expected a file, got none.pt, which is not there",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> Stages.conditionerHead(experiment("head_path: none.pt")))
                        .getMessage());
    }

    @Test
    void oneQueryAnImageTokenUnlessFewerAreAskedFor() {
        for (String keys : List.of("", "num_queries: 2")) {
            Experiment experiment = experiment(keys);
            try (CaptionReader reader = Stages.captionReader(experiment)) {
                assertEquals(
                        new Shape(keys.isEmpty() ? 4 : 2, 16),
                        Stages.textToLatent(experiment, reader).shapes().get("conditioner.latent_queries"));
            }
        }
    }

    /** Names and shapes follow from the configurations alone: no weight of these sizes is there. */
    @Test
    void theShippedRecipeIsBuiltOnTheSizesOfQwen2() throws IOException {
        Path config = Files.writeString(
                root.resolve("config.json"),
                """
                {"model_type": "qwen2", "hidden_size": 1536, "num_hidden_layers": 28, "num_attention_heads": 12,
                 "num_key_value_heads": 2, "vocab_size": 151936, "intermediate_size": 8960, "rope_theta": 1000000.0,
                 "rms_norm_eps": 1e-06, "hidden_act": "silu", "tie_word_embeddings": true}
                """);
        Path recipe = Path.of(System.getProperty("dsr.root", "..")).resolve("configs/t2i/qwen2-metaquery.yaml");
        Experiment experiment = Experiment.load(recipe, List.of());
        TextDiT denoiser = experiment.textDenoiser();
        Conditioner conditioner = Stages.conditioner(experiment, Qwen2Config.read(config), denoiser.config());
        assertEquals(1_543_714_304L, conditioner.language().parameterCount(), "as published");
        assertEquals(256 * 1536 + 1536 * 1152 + 1152, conditioner.parameterCount());
        TextToLatent model = new TextToLatent(conditioner, denoiser);
        assertEquals(679, model.parameterCount() / 1_000_000);
        assertEquals(256, conditioner.rows());
        assertEquals(denoiser.config().zChannels(), conditioner.width());
    }
}
