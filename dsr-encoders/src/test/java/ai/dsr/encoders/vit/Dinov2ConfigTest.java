// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.io.Json;
import ai.dsr.core.nn.Activation;
import ai.dsr.encoders.vit.Dinov2Config.Variant;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class Dinov2ConfigTest {
    private static Dinov2Config parse(String json, Variant variant) {
        byte[] bytes = json.getBytes(StandardCharsets.UTF_8);
        return Dinov2Config.of(new HfConfig(Json.parse(bytes, JsonNode.class, "config.json"), "config.json"), variant);
    }

    private static String fault(String json, Variant variant) {
        return assertThrows(IllegalArgumentException.class, () -> parse(json, variant)
                        .network())
                .getMessage();
    }

    @Test
    void anEmptyFileHasTheDefaultsOfItsFamily() {
        Dinov2Config plain = parse("{}", Variant.PLAIN);
        assertEquals(
                new Dinov2Config(Variant.PLAIN, 768, 12, 12, 4, false, Activation.GELU, 1e-6, 224, 14, 3, true, 0),
                plain);
        Dinov2Config registers = parse("{}", Variant.REGISTERS);
        assertEquals(16, registers.patchSize());
        assertEquals(4, registers.numRegisterTokens());
        assertEquals(
                new ViTConfig.PositionTable(14, true, false),
                registers.network().positions());
    }

    @Test
    void theGatedMlpHasTwoThirdsOfTheWidthRoundedUpToEight() {
        assertEquals(
                4096,
                parse("{\"hidden_size\": 1536, \"use_swiglu_ffn\": true}", Variant.PLAIN)
                        .mlpWidth());
        assertEquals(
                24,
                parse(
                                "{\"hidden_size\": 16, \"num_attention_heads\": 2, \"mlp_ratio\": 2, \"use_swiglu_ffn\": true}",
                                Variant.PLAIN)
                        .mlpWidth());
        assertEquals(
                56,
                parse("{\"hidden_size\": 16, \"num_attention_heads\": 2, \"mlp_ratio\": 3.5}", Variant.PLAIN)
                        .mlpWidth());
    }

    @Test
    void unusableValuesAreNamed() {
        assertEquals(
                "hidden_size: expected a positive multiple of the attention heads (12), got 100",
                fault("{\"hidden_size\": 100}", Variant.PLAIN));
        assertEquals("config.json: qkv_bias: expected true or false, got 1", fault("{\"qkv_bias\": 1}", Variant.PLAIN));
        assertEquals(
                "config.json: patch_size: expected a whole number, got 14.5",
                fault("{\"patch_size\": 14.5}", Variant.PLAIN));
        assertEquals(
                "image_size: expected at least patch_size (14), got 7", fault("{\"image_size\": 7}", Variant.PLAIN));
        assertEquals("mlp_ratio: expected above 0, got 0.0", fault("{\"mlp_ratio\": 0}", Variant.PLAIN));
        assertEquals(
                "hidden_act: expected gelu, gelu_new, gelu_pytorch_tanh, silu or relu, got mish",
                fault("{\"hidden_act\": \"mish\"}", Variant.PLAIN));
    }
}
