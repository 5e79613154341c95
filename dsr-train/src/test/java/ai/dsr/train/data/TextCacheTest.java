// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.kernel.Torch;
import ai.dsr.dit.text.TextStates;
import ai.dsr.dit.text.TokenIds;
import ai.dsr.encoders.text.PretrainedTextEncoder;
import ai.dsr.encoders.text.TextEncoder;
import ai.dsr.encoders.text.TextEncoderConfig;
import ai.dsr.encoders.text.TextFeatures;
import ai.dsr.encoders.text.TextLength;
import ai.dsr.sample.config.ConditionerConfig;
import ai.dsr.sample.text.CaptionReader;
import ai.dsr.sample.text.StatesReader;
import ai.dsr.sample.text.TokenReader;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.train.cli.TinyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class TextCacheTest {
    private static PretrainedTextEncoder miniLM;

    @TempDir
    private Path root;

    private final List<String> encoded = new ArrayList<>();

    @BeforeAll
    static void open() {
        TextLength length = new TextLength(16, TextLength.Padding.NONE);
        miniLM = PretrainedTextEncoder.open(TextEncoderConfig.miniLM(length), null);
    }

    @AfterAll
    static void close() {
        miniLM.close();
    }

    /** The embedded encoder, which notes what it is asked; it is not closed by the cache. */
    private CaptionReader noting(String fingerprint) {
        return new StatesReader(new TextEncoder() {
            @Override
            public TextFeatures encode(String caption) {
                encoded.add(caption);
                return miniLM.encode(caption);
            }

            @Override
            public int width() {
                return miniLM.width();
            }

            @Override
            public int pooledWidth() {
                return miniLM.pooledWidth();
            }

            @Override
            public String fingerprint() {
                return fingerprint;
            }

            @Override
            public void close() {}
        });
    }

    private TextCache cache(String... captions) {
        return TextCache.open(root, noting(miniLM.fingerprint()), List.of(captions));
    }

    @Test
    void everyCaptionIsEncodedOnceWhateverElseIsAskedFor() {
        cache("a cat", "a dog", "a cat");
        assertEquals(List.of("a cat", "a dog"), encoded);
        TextCache more = cache("a dog", "a red apple");
        assertEquals(List.of("a cat", "a dog", "a red apple"), encoded);
        assertEquals(3, more.size());
        cache("a red apple");
        assertEquals(3, encoded.size());
    }

    @Test
    void captionsComeBackPaddedToTheLongest() {
        TextCache cache = cache("", "a very red apple");
        try (NDManager manager = Torch.newManager()) {
            TextStates input = (TextStates) cache.gather(manager, List.of("a very red apple", "", "a very red apple"));
            assertEquals(new Shape(3, 6, 384), input.states().getShape());
            assertArrayEquals(
                    new float[] {1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1},
                    input.mask().toFloatArray());
            TextFeatures alone = miniLM.encode("");
            assertArrayEquals(
                    alone.state(1), input.states().get(new NDIndex("1, 1")).toFloatArray(), 4e-3f, "float16");
            assertArrayEquals(alone.pooled(), input.pooled().get(1).toFloatArray());
            assertEquals(0, input.states().get(new NDIndex("1, 2:")).abs().max().toFloatArray()[0]);
        }
    }

    @Test
    void nothingOfAnotherEncoderIsTaken() throws IOException {
        cache("a cat");
        Path folder = root.resolve("text");
        try (Stream<Path> folders = Files.list(folder)) {
            Path stored = folders.findFirst().orElseThrow();
            String other = Sha256.ofText("another encoder");
            Files.move(stored, folder.resolve(other.substring(0, 16)));
            String message = assertThrows(
                            IllegalArgumentException.class, () -> TextCache.open(root, noting(other), List.of("a cat")))
                    .getMessage();
            assertTrue(message.contains("expected features of text encoder " + other), message);
        }
        String unknown = assertThrows(IllegalArgumentException.class, () -> {
                    try (NDManager manager = Torch.newManager()) {
                        cache("a cat").gather(manager, List.of("a dog"));
                    }
                })
                .getMessage();
        assertEquals("caption: expected one of the 1 that were encoded, got \"a dog\"", unknown);
    }

    @Test
    void tokenIdsComeBackPaddedInFront() {
        ConditionerConfig config = new ConditionerConfig("qwen", null, null, true, 8, "{caption}");
        List<String> captions = List.of("apples", "a picture of berries", "");
        for (int time = 0; time < 2; time++) { // written, then read
            try (NDManager manager = Torch.newManager();
                    TokenReader reader = TokenReader.open(config, TinyFiles.writeLanguageModel(root, 1))) {
                TextCache cache = TextCache.open(root, reader, captions);
                TokenIds padded = (TokenIds) cache.gather(manager, captions);
                assertEquals(new Shape(3, 4), padded.ids().getShape());
                assertArrayEquals(
                        new long[] {0, 0, 0, 4, 1, 2, 3, 5, 0, 0, 0, 0},
                        padded.ids().toLongArray());
                assertArrayEquals(
                        new long[] {0, 0, 0, 1, 1, 1, 1, 1, 0, 0, 0, 0},
                        padded.mask().toLongArray());
                assertNull(((TokenIds) cache.gather(manager, List.of("apples", "apples"))).mask());
                TokenIds none = (TokenIds) cache.gather(manager, List.of("", ""));
                assertEquals(new Shape(2, 0), none.ids().getShape());
            }
        }
    }
}
