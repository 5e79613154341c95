// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.ConfigException;
import ai.dsr.encoders.vit.HfConfig;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DecoderConfigTest {
    private static DecoderConfig with(int width, int heads, Integer patches) {
        return new DecoderConfig(8, width, 2, heads, 16, "gelu", 1e-12, true, 3, 4, 16, patches);
    }

    private static String fault(int width, int heads, Integer patches) {
        return assertThrows(IllegalArgumentException.class, () -> with(width, heads, patches))
                .getMessage();
    }

    @Test
    void defaultsOfFileAndSectionAreTheSame() {
        HfConfig empty = new HfConfig(JsonNodeFactory.instance.objectNode(), "config.json");
        DecoderConfig section = Config.parse("decoder: {}", "test.yaml").bind("decoder", DecoderConfig.class);
        assertEquals(DecoderConfig.of(empty), section);
        assertEquals(196, section.numPatches());
    }

    @Test
    void theEncoderDecidesLatentsPatchesAndImage() {
        DecoderConfig fitted = with(16, 4, null).fitted(384, 2, 8);
        assertEquals(new DecoderConfig(384, 16, 2, 4, 16, "gelu", 1e-12, true, 3, 2, 16, 64), fitted);
        assertEquals(8, fitted.gridSide());
        assertEquals(12, fitted.patchValues());
    }

    @Test
    void impossibleSizesAreNamed() {
        assertEquals("num_patches: expected a square number, got 15", fault(16, 4, 15));
        assertEquals(
                "decoder_hidden_size: expected a multiple of decoder_num_attention_heads (3), got 16",
                fault(16, 3, null));
        assertEquals("decoder_hidden_size: expected a multiple of 4 for positions, got 18", fault(18, 3, null));
        assertEquals("decoder_num_attention_heads: expected 1 or more, got 0", fault(16, 0, null));
    }

    @Test
    void anUnknownActivationIsAMistakeOfTheFile() {
        Config config = Config.parse("decoder: {hidden_act: mish}", "test.yaml");
        String message = assertThrows(ConfigException.class, () -> config.bind("decoder", DecoderConfig.class))
                .getMessage();
        assertEquals(true, message.contains("hidden_act: expected gelu"), message);
    }

    /** A block has 4 D^2 + 2 D F weights of matrices and 9 D + F others; the ends are counted one by one. */
    @ParameterizedTest
    @CsvSource({"ViTB, 768, 3072, 12", "ViTL, 1024, 4096, 24", "ViTXL, 1152, 4096, 28"})
    void theShippedSizesAreThoseOfThePublishedDecoders(String name, long d, long f, long depth) {
        Path folder = Path.of(System.getProperty("dsr.root"), "configs", "decoder", name);
        DecoderConfig config = DecoderConfig.of(HfConfig.ofFolder(folder)).fitted(768, 16, 16);
        long block = 4 * d * d + 2 * d * f + 9 * d + f;
        long ends =
                768 * d + d + d + 257 * d + 2 * d + d * 768 + 768; // embedding, class token, positions, norm, pixels
        assertEquals(depth * block + ends, new ViTDecoder(config).parameterCount());
    }
}
