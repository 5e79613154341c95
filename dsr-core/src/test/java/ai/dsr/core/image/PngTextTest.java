// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PngTextTest {
    private static final RgbImage IMAGE = RgbImage.of(2, 1, new byte[] {1, 2, 3, -1, 0, 127});

    @TempDir
    private Path folder;

    @Test
    void textsOfAnyScriptComeBackInOrder() {
        Map<String, String> texts = new LinkedHashMap<>();
        texts.put("dsr:prompt", "un caf\u00e9, \u6771\u4eac \ud83c\udf4e\nsecond line");
        texts.put("dsr:seed", "-7");
        texts.put("Software", "");
        Path file = folder.resolve("a.png");
        ImageCodec.writePng(file, IMAGE, texts);
        assertEquals(texts, PngText.read(file));
        assertEquals(List.copyOf(texts.keySet()), List.copyOf(PngText.read(file).keySet()));
        assertEquals(IMAGE, ImageCodec.read(file));
    }

    @Test
    void withoutTextsTheFileIsThePlainOne() {
        assertArrayEquals(ImageCodec.encodePng(IMAGE), ImageCodec.encodePng(IMAGE, Map.of()));
        ImageCodec.writePng(folder.resolve("b.png"), IMAGE);
        assertEquals(Map.of(), PngText.read(folder.resolve("b.png")));
    }

    @Test
    void aKeywordThatPngCannotHoldIsRefused() {
        for (String keyword : new String[] {"", "a b", "\u00e9", "x".repeat(80)}) {
            IllegalArgumentException error = assertThrows(
                    IllegalArgumentException.class, () -> ImageCodec.encodePng(IMAGE, Map.of(keyword, "text")));
            assertEquals(
                    "PNG keyword: expected 1 to 79 printable ASCII characters, got \"" + keyword + "\"",
                    error.getMessage());
        }
    }

    @Test
    void aMissingFileIsNamed() {
        Path missing = folder.resolve("missing.png");
        UncheckedIOException error = assertThrows(UncheckedIOException.class, () -> PngText.read(missing));
        assertTrue(error.getMessage().startsWith(missing + ": expected a PNG file"), error.getMessage());
    }
}
