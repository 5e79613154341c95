// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.io.Json;
import ai.dsr.core.nn.Activation;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import org.junit.jupiter.api.Test;

class FamilyConfigTest {
    private static HfConfig parse(String json) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return new HfConfig(Json.parse(bytes, JsonNode.class, "config.json"), "config.json");
    }

    private static String fault(EncoderFamily family, String json) {
        return assertThrows(IllegalArgumentException.class, () -> family.network(parse(json)))
                .getMessage();
    }

    @Test
    void anEmptyFileHasTheDefaultsOfDinov3() {
        Dinov3Config config = Dinov3Config.of(parse("{}"));
        assertEquals(
                new Dinov3Config(
                        384,
                        1536,
                        12,
                        6,
                        false,
                        Activation.GELU,
                        1e-5,
                        100,
                        16,
                        3,
                        0,
                        new Dinov3Config.Biases(true, false, true, true, true)),
                config);
        assertEquals(Set.of("attention.k_proj"), config.network().block().withoutBias());
    }

    @Test
    void anEmptyFileHasTheDefaultsOfSiglip2() {
        Siglip2Config config = new Siglip2Config(768, 3072, 12, 12, Activation.GELU_TANH, 1e-6, 224, 16, 3);
        assertEquals(config, Siglip2Config.of(parse("{}")));
        assertEquals(config, Siglip2Config.of(parse("{\"vision_config\": {}, \"hidden_size\": 5}")));
        assertEquals(config, Siglip2Config.of(parse("{\"vision_config\": null}")));
        assertEquals(
                5,
                Siglip2Config.of(parse("{\"model_type\": \"siglip_vision_model\", \"hidden_size\": 5}"))
                        .hiddenSize());
    }

    @Test
    void anEmptyFileHasTheDefaultsOfMae() {
        assertEquals(
                new MaeConfig(768, 3072, 12, 12, Activation.GELU, 1e-12, 224, 16, 3, true), MaeConfig.of(parse("{}")));
    }

    @Test
    void registersBeyondTheFamilyAreRefused() {
        ViTConfig mae = MaeConfig.base().network();
        assertEquals(
                "num_register_tokens: expected 0 for this family, got 2",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new ViTConfig(mae.names(), 3, 16, 2, mae.positions(), mae.block(), 1))
                        .getMessage());
        assertEquals(
                "num_register_tokens: expected 0 or more, got -1",
                fault(EncoderFamily.DINOV3, "{\"num_register_tokens\": -1}"));
    }

    @Test
    void rotaryPositionsNeedHeadsOfAMultipleOfFour() {
        assertEquals(
                "hidden_size: expected heads of a multiple of 4 channels for rotary positions, got 6",
                fault(EncoderFamily.DINOV3, "{\"hidden_size\": 36}"));
        assertEquals("rope_theta: expected above 0, got 0.0", fault(EncoderFamily.DINOV3, "{\"rope_theta\": 0}"));
    }

    @Test
    void sizesThatCannotBeAreNamed() {
        assertEquals("patch_size: expected 1 or more, got 0", fault(EncoderFamily.MAE, "{\"patch_size\": 0}"));
        assertEquals(
                "image_size: expected at least patch_size (16), got 8",
                fault(EncoderFamily.MAE, "{\"image_size\": 8}"));
        assertEquals(
                "num_hidden_layers: expected 1 or more, got 0",
                fault(EncoderFamily.SIGLIP2, "{\"vision_config\": {\"num_hidden_layers\": 0}}"));
        assertEquals("num_channels: expected 1 or more, got 0", fault(EncoderFamily.DINOV3, "{\"num_channels\": 0}"));
    }

    @Test
    void aGridHasAPatch() {
        assertEquals(
                "grid: expected at least one patch, got 0x3",
                assertThrows(IllegalArgumentException.class, () -> new PatchGrid(0, 3))
                        .getMessage());
    }

    @Test
    void aGatedMlpNeedsItsName() {
        assertEquals(
                "MLP: expected a name of the gate's layer, got none",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new ViTBlockConfig(
                                        8,
                                        2,
                                        16,
                                        ViTBlockConfig.Mlp.GATED,
                                        Activation.SILU,
                                        1e-6,
                                        Set.of(),
                                        BlockNames.mae()))
                        .getMessage());
    }
}
