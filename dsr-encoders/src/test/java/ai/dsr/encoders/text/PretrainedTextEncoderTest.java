// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.encoders.text.TextLength.Padding;
import ai.dsr.testkit.LeakCheck;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/**
 * Encoders of folders, on networks that pass their inputs on: the state of a token is its id i, i^2/16 (ONNX only), its
 * mask and, where the network takes positions, its place. The vocabulary is [PAD] [CLS] [SEP] [UNK] a red green apple.
 */
@ExtendWith(LeakCheck.class)
class PretrainedTextEncoderTest {
    @TempDir
    private Path folder;

    @BeforeEach
    void copyTokenizer() {
        copy("tokenizer.json");
    }

    private Path copy(String name) {
        return copy(name, folder.resolve(name));
    }

    private static Path copy(String name, Path target) {
        try (InputStream in = PretrainedTextEncoderTest.class.getResourceAsStream("tiny/" + name)) {
            Files.createDirectories(target.getParent());
            Files.copy(in, target);
            return target;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static TextEncoderConfig config(int length, Padding padding, Pooling pooling, String model) {
        return new TextEncoderConfig(
                "text", model, length, padding, pooling, null, null, List.of("input_ids", "attention_mask"));
    }

    private PretrainedTextEncoder open(int length, Padding padding, Pooling pooling) {
        return PretrainedTextEncoder.open(config(length, padding, pooling, null), folder);
    }

    @Test
    void anOnnxEncoderGivesStatesMaskAndPooledVector() {
        copy("model.onnx");
        try (TextEncoder encoder = open(8, Padding.NONE, Pooling.MEAN)) {
            assertEquals(3, encoder.width());
            TextFeatures features = encoder.encode("A red apple"); // 1 4 5 7 2
            assertArrayEquals(new long[] {1, 4, 5, 7, 2}, features.tokens().ids());
            assertEquals(5, features.length());
            assertArrayEquals(new float[] {5, 25 / 16f, 1}, features.state(2));
            assertArrayEquals(new float[] {3.8f, 95 / 80f, 1}, features.pooled(), 1e-6f);
            assertEquals(5, features.valid().length());
        }
    }

    @Test
    void truncationAndPaddingAreThoseOfTheSettingsAndNotOfTheFile() {
        copy("model.onnx"); // the tokenizer file itself says 6 for both
        String caption = "a red apple a red apple a red apple";
        try (TextEncoder encoder = open(8, Padding.NONE, Pooling.MEAN)) {
            assertEquals(8, encoder.encode(caption).length());
            assertEquals(2, encoder.encode("").length());
        }
        try (TextEncoder encoder = open(8, Padding.MAX_LENGTH, Pooling.MEAN)) {
            TextFeatures features = encoder.encode("apple");
            assertArrayEquals(
                    new long[] {1, 7, 2, 0, 0, 0, 0, 0}, features.tokens().ids());
            assertArrayEquals(
                    new long[] {1, 1, 1, 0, 0, 0, 0, 0}, features.tokens().mask());
            assertArrayEquals(new float[] {10 / 3f, 54 / 48f, 1}, features.pooled(), 1e-6f);
            assertEquals(3, features.valid().length(), "padding is left out");
        }
    }

    @Test
    void everyPoolingIsWhatItsNameSays() {
        copy("model.onnx");
        float[] expectedUnit = Pooling.unit(new float[] {10 / 3f, 54 / 48f, 1});
        assertPooled(Pooling.MEAN_UNIT, expectedUnit);
        assertPooled(Pooling.FIRST, new float[] {1, 1 / 16f, 1});
        assertPooled(Pooling.LAST, new float[] {2, 4 / 16f, 1});
        assertPooled(Pooling.MODEL, new float[] {7, 49 / 16f, 1});
    }

    private void assertPooled(Pooling pooling, float[] expected) {
        try (TextEncoder encoder = open(8, Padding.MAX_LENGTH, pooling)) {
            assertArrayEquals(expected, encoder.encode("apple").pooled(), 1e-6f, pooling.name());
        }
    }

    @Test
    void aNetworkMayTakeShortIntegersAndPositions() {
        copy("positions.onnx", folder.resolve("onnx/positions.onnx"));
        try (TextEncoder encoder = open(8, Padding.NONE, Pooling.LAST)) {
            assertEquals(4, encoder.width());
            assertArrayEquals(
                    new float[] {2, 4 / 16f, 1, 3}, encoder.encode("red apple").pooled());
        }
    }

    @Test
    void aTorchScriptEncoderGivesTheSame() {
        copy("model.pt");
        try (TextEncoder encoder = open(8, Padding.MAX_LENGTH, Pooling.MODEL)) {
            TextFeatures features = encoder.encode("apple");
            assertEquals(2, encoder.width());
            assertArrayEquals(new float[] {7, 1}, features.state(1));
            assertArrayEquals(new float[] {0, 0}, features.state(3));
            assertArrayEquals(new float[] {7, 1}, features.pooled());
        }
    }

    @Test
    void theFingerprintCoversEverythingThatChangesValues() {
        copy("model.onnx");
        String first = fingerprint(config(8, Padding.NONE, Pooling.MEAN, null));
        assertEquals(first, fingerprint(config(8, Padding.NONE, Pooling.MEAN, "model.onnx")));
        assertNotEquals(first, fingerprint(config(9, Padding.NONE, Pooling.MEAN, null)));
        assertNotEquals(first, fingerprint(config(8, Padding.MAX_LENGTH, Pooling.MEAN, null)));
        assertNotEquals(first, fingerprint(config(8, Padding.NONE, Pooling.LAST, null)));
        copy("positions.onnx");
        assertNotEquals(first, fingerprint(config(8, Padding.NONE, Pooling.MEAN, "positions.onnx")));
    }

    private String fingerprint(TextEncoderConfig config) {
        try (TextEncoder encoder = PretrainedTextEncoder.open(config, folder)) {
            return encoder.fingerprint();
        }
    }

    @Test
    void whatCannotWorkIsNamed() throws IOException {
        assertEquals(folder + ": expected one .onnx or .pt file, got []; name it in text.encoder.model", refused(null));
        copy("model.onnx");
        copy("model.pt");
        assertEquals(
                folder + ": expected one .onnx or .pt file, got [model.onnx, model.pt]; name it in text.encoder.model",
                refused(null));
        assertTrue(refused("other.onnx").startsWith("text.encoder.model: expected an .onnx or .pt file, got "));
        copy("cached.onnx");
        assertTrue(refused("cached.onnx")
                .endsWith("got past_key_values.0.key; export the encoder alone, without a cache"));
        Files.writeString(folder.resolve("broken.onnx"), "no model");
        assertTrue(refused("broken.onnx").contains("broken.onnx: expected an ONNX model: "));
        Files.writeString(folder.resolve("broken.pt"), "no model");
        assertTrue(refused("broken.pt").contains("broken.pt: expected a TorchScript model: "));
        Files.delete(folder.resolve("tokenizer.json"));
        assertEquals("text.encoder.path: expected a folder with tokenizer.json, got " + folder, refused("model.onnx"));
        Files.writeString(folder.resolve("tokenizer.json"), "{}");
        assertTrue(refused("model.onnx").contains("tokenizer.json: expected a tokenizer, got one that cannot be read"));
    }

    private String refused(String model) {
        TextEncoderConfig config = config(8, Padding.NONE, Pooling.MEAN, model);
        return assertThrows(IllegalArgumentException.class, () -> PretrainedTextEncoder.open(config, folder))
                .getMessage();
    }

    @Test
    void anOutputIsFoundByNameOrRefused() {
        copy("model.onnx");
        TextEncoderConfig config = new TextEncoderConfig(
                "text", null, 8, Padding.NONE, Pooling.MODEL, "last_hidden_state", "text_embeds", List.of());
        String message = assertThrows(IllegalArgumentException.class, () -> PretrainedTextEncoder.open(config, folder))
                .getMessage();
        assertTrue(message.endsWith("expected an output text_embeds, got [last_hidden_state, pooler_output]"), message);
    }

    @Test
    void lengthsWithoutRoomAreRefused() {
        assertEquals(
                "max_length: expected 3 or more, got 2",
                assertThrows(IllegalArgumentException.class, () -> new TextLength(2, Padding.NONE))
                        .getMessage());
        assertEquals(new TextLength(128, Padding.MAX_LENGTH), PretrainedTextEncoder.embeddedFileSettings());
        assertThrows(IllegalArgumentException.class, () -> TextLength.ofFile("{\"truncation\": null}"));
    }
}
