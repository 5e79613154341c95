// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.Json;
import ai.dsr.core.kernel.RegisterKernels.Fill;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.vit.EncoderFamily;
import ai.dsr.encoders.vit.EncoderOutput;
import ai.dsr.encoders.vit.HfConfig;
import ai.dsr.encoders.vit.MlpHook;
import ai.dsr.encoders.vit.TokenReadout;
import ai.dsr.encoders.vit.ViT;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.testkit.LeakCheck;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Every family works with a plan, and what a plan may not touch stays. */
@ExtendWith(LeakCheck.class)
final class TestTimeRegistersTest {
    private static final int SIDE = 32;
    private static final int PATCHES = 256; // what DINOv3's wrapper insists on
    private static final String SIZES = "\"hidden_size\": 16, \"num_hidden_layers\": 2, \"num_attention_heads\": 2,"
            + "\"intermediate_size\": 32, \"mlp_ratio\": 2, \"image_size\": 32, \"patch_size\": 2";
    private static final RegisterPlan PLAN = RegisterPlan.of(
                    RegisterNeurons.of(Map.of(0, List.of(3, 5), 1, List.of(31))))
            .withRegisters(2);

    private static ViTEncoder encoder(EncoderFamily family, NDManager weights) {
        String json = family == EncoderFamily.SIGLIP2 ? "{\"vision_config\": {" + SIZES + "}}" : "{" + SIZES + "}";
        HfConfig hf =
                new HfConfig(Json.parse(json.getBytes(StandardCharsets.UTF_8), JsonNode.class, "config"), "config");
        ViT network = new ViT(family.network(hf));
        network.initialize(weights, SeedTree.of(1));
        return new ViTEncoder(family, network, family.pixelNorm(), TokenReadout.NORMALIZED);
    }

    private static NDArray pixels(NDManager manager) {
        return manager.create(SeedTree.of(2).stream().normals(2 * 3 * SIDE * SIDE), new Shape(2, 3, SIDE, SIDE));
    }

    @ParameterizedTest
    @EnumSource(EncoderFamily.class)
    void encodersOfEveryFamilyKeepTheirShape(EncoderFamily family, NDManager manager) {
        try (NDManager weights = manager.newSubManager()) {
            ViTEncoder plain = encoder(family, weights);
            weights.cap();
            ViTEncoder encoder = TestTimeRegisters.of(plain, PLAN);
            NDArray x = pixels(manager);
            EncoderOutput output = encoder.encode(x);
            assertEquals(new Shape(2, PATCHES, 16), output.tokens().getShape());
            assertEquals(plain.name(), encoder.name());
            assertEquals(2, encoder.backbone().suffixTokens());
            double difference =
                    output.tokens().sub(plain.encode(x).tokens()).abs().max().getFloat();
            assertTrue(difference > 1e-4, () -> "a plan without effect: " + difference);
        }
    }

    @ParameterizedTest
    @EnumSource(EncoderFamily.class)
    void nothingButPatchesAndRegistersIsWritten(EncoderFamily family, NDManager manager) {
        ViTEncoder plain = encoder(family, manager);
        int prefix = plain.backbone().prefixTokens();
        float[][] kept = {firstLayer(plain, PLAN, manager, 3), firstLayer(plain, any(PLAN), manager, 3)};
        for (int row = 0; row < Math.max(1, prefix); row++) {
            assertTrue(kept[0][row] != 0, "row " + row); // class token, trained registers, or the first patch
        }
        assertEquals(prefix > 0, kept[1][0] != 0); // the option is about first patches only
        for (int row = Math.max(1, prefix); row < prefix + PATCHES; row++) {
            assertEquals(0, kept[0][row], "row " + row);
        }
        assertFalse(kept[0][prefix + PATCHES] == 0);
        assertEquals(kept[0][prefix + PATCHES], kept[0][prefix + PATCHES + 1]);
    }

    private static RegisterPlan any(RegisterPlan plan) {
        return new RegisterPlan(plan.neurons(), 2, List.of(1.0), Fill.ZERO, RegisterPlan.Variant.DSR, false, null);
    }

    /** Activations of one neuron in layer 0 with a plan at work, by row. */
    private static float[] firstLayer(ViTEncoder encoder, RegisterPlan plan, NDManager manager, int neuron) {
        float[][] seen = new float[1][];
        MlpHook hook = (layer, activation) -> {
            seen[0] = layer == 0 ? activation.get("0, :, " + neuron).toFloatArray() : seen[0];
            return activation;
        };
        TestTimeRegisters.of(encoder.backbone(), plan).hiddenStates(pixels(manager), hook);
        return seen[0];
    }

    @Test
    void plansOfOtherNetworksAreRefused(NDManager manager) {
        ViTEncoder encoder = encoder(EncoderFamily.MAE, manager);
        RegisterPlan deep = RegisterPlan.of(RegisterNeurons.of(Map.of(7, List.of(0))));
        assertEquals(
                "register plan: expected layers below 2, got 7; is it a plan for this encoder?",
                assertThrows(IllegalArgumentException.class, () -> TestTimeRegisters.of(encoder, deep))
                        .getMessage());
        RegisterPlan wide = RegisterPlan.of(RegisterNeurons.of(Map.of(1, List.of(32))));
        assertEquals(
                "register plan: layer 1: expected neurons below 32, got 32; is it a plan for this encoder?",
                assertThrows(IllegalArgumentException.class, () -> TestTimeRegisters.of(encoder, wide)
                                .encode(pixels(manager)))
                        .getMessage());
        ViTEncoder once = TestTimeRegisters.of(encoder, PLAN);
        assertEquals(
                "register plan: expected a network without test-time registers, got one with 2; merge the plans",
                assertThrows(IllegalArgumentException.class, () -> TestTimeRegisters.of(once, PLAN))
                        .getMessage());
    }

    @Test
    void aSearchWantsALayerThatIsThere(NDManager manager) {
        ViTEncoder encoder = encoder(EncoderFamily.MAE, manager);
        NeuronSearchConfig config = NeuronSearchConfig.of(2, OutlierRule.above(1), 1);
        assertEquals(
                "detect_outliers_layer: expected -2 to 1, got 2",
                assertThrows(IllegalArgumentException.class, () -> new NeuronSearch(encoder.backbone(), config, false))
                        .getMessage());
    }
}
