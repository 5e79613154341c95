// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Every option of a family against the plain formulas of {@link PlainViT}. */
@ExtendWith(LeakCheck.class)
class FamilyOptionsTest {
    private static final double ATOL = 2e-5;
    private static final double RTOL = 1e-4;

    private static final PlainViT.Options DINOV2 = new PlainViT.Options("dinov2", 2, 3, 4, 0, 1e-6, "gelu", "plain");
    private static final String DINOV2_JSON = "'hidden_size': 16, 'num_hidden_layers': 2, 'num_attention_heads': 2,"
            + " 'mlp_ratio': 2.5, 'image_size': 13, 'patch_size': 3";

    private static final PlainViT.Options DINOV3 = new PlainViT.Options("dinov3", 2, 2, 0, 0, 1e-5, "gelu", "plain");
    private static final String DINOV3_JSON = "'hidden_size': 16, 'intermediate_size': 24, 'num_hidden_layers': 2,"
            + " 'num_attention_heads': 2, 'patch_size': 2";

    private static final PlainViT.Options SIGLIP2 =
            new PlainViT.Options("siglip2", 2, 3, 4, 0, 1e-6, "gelu_pytorch_tanh", "plain");
    private static final PlainViT.Options MAE = new PlainViT.Options("mae", 2, 3, 4, 0, 1e-12, "gelu", "plain");
    private static final String SIZES = "'hidden_size': 16, 'intermediate_size': 24, 'num_hidden_layers': 2,"
            + " 'num_attention_heads': 2, 'image_size': 12, 'patch_size': 3";

    // ---- how a case is run ----

    private static HfConfig config(String json) {
        byte[] bytes = ("{" + json.replace('\'', '"') + "}").getBytes(StandardCharsets.UTF_8);
        return new HfConfig(Json.parse(bytes, JsonNode.class, "config.json"), "config.json");
    }

    /** Random weights everywhere, norms and scales included, and extra entries as real files have them. */
    private static StateDict state(EncoderFamily family, HfConfig hf) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        String prefix = Map.of(EncoderFamily.SIGLIP2, "vision_model.", EncoderFamily.MAE, "vit.")
                .getOrDefault(family, "");
        new ViT(family.network(hf)).shapes().forEach((name, shape) -> {
            float[] values = SeedTree.of(5).child(name).stream().normals((int) shape.size());
            for (int i = 0; i < values.length; i++) {
                values[i] = 0.3f * values[i] + (shape.dimension() == 1 && name.endsWith("weight") ? 1 : 0);
            }
            tensors.put(prefix + name, TensorData.of(values, shape.getShape()));
        });
        tensors.put(prefix + "embeddings.mask_token", TensorData.of(new float[16], 1, 16));
        tensors.put("decoder.decoder_embed.weight", TensorData.of(new float[4], 2, 2));
        tensors.put("text_model.final_layer_norm.weight", TensorData.of(new float[4], 4));
        tensors.put("vision_model.head.probe", TensorData.of(new float[4], 1, 1, 4));
        tensors.put("logit_scale", TensorData.of(new float[1]));
        return StateDict.of("model.safetensors", tensors);
    }

    private static float[][][] pixels(int height, int width) {
        float[][][] pixels = new float[3][height][width];
        for (int c = 0; c < 3; c++) {
            for (int y = 0; y < height; y++) {
                pixels[c][y] = SeedTree.of(9).child("pixels").at(c * 1000L + y).stream()
                        .normals(width);
            }
        }
        return pixels;
    }

    private static NDArray array(NDManager manager, float[][][] pixels) {
        float[] flat = new float[3 * pixels[0].length * pixels[0][0].length];
        for (int i = 0; i < flat.length; i++) {
            int row = i / pixels[0][0].length;
            flat[i] = pixels[row / pixels[0].length][row % pixels[0].length][i % pixels[0][0].length];
        }
        return manager.create(flat, new Shape(1, 3, pixels[0].length, pixels[0][0].length));
    }

    private static NDArray array(NDManager manager, double[][] rows) {
        float[] flat = new float[rows.length * rows[0].length];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = (float) rows[i / rows[0].length][i % rows[0].length];
        }
        return manager.create(flat, new Shape(1, rows.length, rows[0].length));
    }

    private static void check(EncoderFamily family, String json, PlainViT.Options options, int height, int width) {
        check(family, config(json), options, TokenReadout.NORMALIZED, "plain", height, width);
    }

    private static void check(
            EncoderFamily family,
            HfConfig hf,
            PlainViT.Options options,
            TokenReadout readout,
            String norm,
            int height,
            int width) {
        StateDict state = state(family, hf);
        float[][][] pixels = pixels(height, width);
        try (NDManager weights = Torch.newManager();
                NDManager step = Torch.newManager()) {
            ViTEncoder encoder =
                    new ViTEncoder(family, ViT.of(family.network(hf), state, weights), family.pixelNorm(), readout);
            weights.cap();
            EncoderOutput output = encoder.encode(array(step, pixels));
            PlainViT plain = new PlainViT(options, state, encoder.backbone().depth());
            TensorAssert.assertClose(array(step, plain.encode(pixels, norm)), output.tokens(), ATOL, RTOL);
            assertEquals(height / options.patch(), output.gridHeight());
            if (family == EncoderFamily.SIGLIP2) {
                TensorAssert.assertClose(array(step, plain.encode(pixels, "none")), output.latents(), ATOL, RTOL);
            }
        }
    }

    // ---- DINOv2 ----

    @ParameterizedTest
    @ValueSource(strings = {"gelu", "gelu_pytorch_tanh", "silu"})
    void theActivationIsTheConfigurations(String act) {
        String key = ", 'hidden_act': '" + act + "'";
        check(EncoderFamily.DINOV2, DINOV2_JSON + key, DINOV2.with(act, "plain"), 12, 12);
        check(EncoderFamily.DINOV3, DINOV3_JSON + key, DINOV3.with(act, "plain"), 32, 32);
        check(EncoderFamily.DINOV3, DINOV3_JSON + ", 'use_gated_mlp': true" + key, DINOV3.with(act, "gated"), 32, 32);
        check(EncoderFamily.MAE, SIZES + key, MAE.with(act, "plain"), 12, 12);
        check(EncoderFamily.SIGLIP2, "'vision_config': {" + SIZES + key + "}", SIGLIP2.with(act, "plain"), 12, 12);
    }

    @ParameterizedTest
    @ValueSource(strings = {"gelu", "gelu_pytorch_tanh"})
    void swiGluHasItsOwnActivation(String act) {
        String json = DINOV2_JSON + ", 'use_swiglu_ffn': true, 'hidden_act': '" + act + "'";
        check(EncoderFamily.DINOV2, json, DINOV2.with(act, "swiglu"), 12, 12);
    }

    @ParameterizedTest
    @CsvSource({"12, 12", "13, 14", "18, 12", "9, 16", "8, 8", "6, 24", "21, 22"})
    void positionsFollowTheGrid(int height, int width) { // 6 x 24 has the trained count of patches, 8 x 8 a remainder
        check(EncoderFamily.DINOV2, DINOV2_JSON, DINOV2, height, width);
        check(EncoderFamily.MAE, SIZES, MAE, height, width);
        check(EncoderFamily.SIGLIP2, "'vision_config': {" + SIZES + "}", SIGLIP2, height, width);
        String json = DINOV2_JSON + ", 'num_register_tokens': 4";
        check(EncoderFamily.DINOV2_REGISTERS, json, registers(4), height, width);
    }

    private static PlainViT.Options registers(int count) {
        return new PlainViT.Options("dinov2_registers", 2, 3, 4, count, 1e-6, "gelu", "plain");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7})
    void theNumberOfRegistersIsTheCheckpoints(int count) {
        String key = ", 'num_register_tokens': " + count;
        check(EncoderFamily.DINOV2_REGISTERS, DINOV2_JSON + key, registers(count), 15, 15);
        PlainViT.Options dinov3 = new PlainViT.Options("dinov3", 2, 2, 0, count, 1e-5, "gelu", "plain");
        check(EncoderFamily.DINOV3, DINOV3_JSON + key, dinov3, 32, 32);
    }

    @Test
    void theFinalNormCanKeepItsWeights() {
        TokenReadout affine = TokenReadout.NORMALIZED.withNormalized(false);
        check(EncoderFamily.DINOV2, config(DINOV2_JSON), DINOV2, affine, "affine", 12, 12);
        check(EncoderFamily.DINOV3, config(DINOV3_JSON), DINOV3, affine, "affine", 32, 32);
    }

    @Test
    void allNormsHaveTheConfiguredEps() {
        PlainViT.Options loose = new PlainViT.Options("mae", 2, 3, 4, 0, 0.1, "gelu", "plain");
        check(EncoderFamily.MAE, SIZES + ", 'layer_norm_eps': 0.1", loose, 12, 12);
    }

    // ---- DINOv3 ----

    @ParameterizedTest
    @CsvSource({"16, 64", "8, 128", "33, 33"})
    void rotaryAnglesScaleWithEachAxis(int height, int width) {
        check(EncoderFamily.DINOV3, DINOV3_JSON + ", 'image_size': 999", DINOV3, height, width);
    }

    @ParameterizedTest
    @ValueSource(strings = {"query_bias", "value_bias", "proj_bias", "mlp_bias"})
    void biasesCanBeSwitchedOff(String key) {
        check(EncoderFamily.DINOV3, DINOV3_JSON + ", '" + key + "': false", DINOV3, 32, 32);
        String gated = DINOV3_JSON + ", 'use_gated_mlp': true, '" + key + "': false, 'key_bias': true";
        check(EncoderFamily.DINOV3, gated, DINOV3.with("gelu", "gated"), 32, 32);
    }

    @Test
    void queriesKeysAndValuesCanGoWithoutBias() {
        check(EncoderFamily.DINOV2, DINOV2_JSON + ", 'qkv_bias': false", DINOV2, 12, 12);
        check(EncoderFamily.MAE, SIZES + ", 'qkv_bias': false", MAE, 12, 12);
    }

    @Test
    void aLinearLayerHasABiasExactlyIfTheFileHasOne(NDManager step) {
        HfConfig hf = config("'vision_config': {" + SIZES + "}");
        StateDict full = state(EncoderFamily.SIGLIP2, hf);
        StateDict without = full.filter(name -> !name.endsWith("self_attn.out_proj.bias"));
        float[][][] pixels = pixels(12, 12);
        try (NDManager weights = Torch.newManager()) {
            ViT network = ViT.of(EncoderFamily.SIGLIP2.network(hf), without, weights);
            weights.cap();
            NDArray got = network.norm(network.hiddenStates(array(step, pixels)).get(2), false);
            double[][] want = new PlainViT(SIGLIP2, without, 2).encode(pixels, "plain");
            TensorAssert.assertClose(array(step, want), got, ATOL, RTOL);
            double[][] other = new PlainViT(SIGLIP2, full, 2).encode(pixels, "plain");
            assertTrue(array(step, other).sub(got).abs().max().getFloat() > 0.01);
        }
    }

    // ---- files as they are found ----

    @Test
    void aTowerSavedAloneLoadsLikeAWholeModel(NDManager step) {
        record Pair(EncoderFamily family, String whole, String alone, String prefix) {}
        Stream.of(
                        new Pair(
                                EncoderFamily.SIGLIP2,
                                "'model_type': 'siglip', 'vision_config': {" + SIZES + "}",
                                "'model_type': 'siglip_vision_model', " + SIZES,
                                "vision_model."),
                        new Pair(EncoderFamily.MAE, SIZES, "'model_type': 'vit_mae', " + SIZES, "vit."))
                .forEach(pair -> {
                    StateDict whole = state(pair.family, config(pair.whole));
                    StateDict alone = whole.under(pair.prefix);
                    try (NDManager weights = Torch.newManager()) {
                        NDArray x = array(step, pixels(12, 12));
                        NDArray want = ViT.of(pair.family.network(config(pair.whole)), whole, weights)
                                .hiddenStates(x)
                                .get(2);
                        NDArray got = ViT.of(pair.family.network(config(pair.alone)), alone, weights)
                                .hiddenStates(x)
                                .get(2);
                        TensorAssert.assertSame(want, got);
                    }
                });
    }

    @Test
    void anEmptyTensorOfRegistersIsNone() {
        HfConfig hf = config(DINOV3_JSON); // 0 registers, which such files store as (1, 0, D)
        Map<String, TensorData> tensors =
                new LinkedHashMap<>(state(EncoderFamily.DINOV3, hf).toMap());
        tensors.put("embeddings.register_tokens", TensorData.of(new float[0], 1, 0, 16));
        try (NDManager weights = Torch.newManager()) {
            ViT network = ViT.of(EncoderFamily.DINOV3.network(hf), StateDict.of("file", tensors), weights);
            assertEquals(1, network.prefixTokens());
        }
    }

    @Test
    void theReferencesFixedCutCanBeReproduced(NDManager step) {
        HfConfig hf = config(DINOV2_JSON + ", 'num_register_tokens': 2");
        StateDict state = state(EncoderFamily.DINOV2_REGISTERS, hf);
        NDArray x = array(step, pixels(12, 12));
        try (NDManager weights = Torch.newManager()) {
            ViT network = ViT.of(EncoderFamily.DINOV2_REGISTERS.network(hf), state, weights);
            TokenReadout five = TokenReadout.NORMALIZED.withDroppedTokens(5);
            NDArray cut = new ViTEncoder(EncoderFamily.DINOV2_REGISTERS, network, PixelNorm.imageNet(), five)
                    .encode(x)
                    .tokens();
            NDArray whole = new ViTEncoder(
                            EncoderFamily.DINOV2_REGISTERS, network, PixelNorm.imageNet(), TokenReadout.NORMALIZED)
                    .encode(x)
                    .tokens();
            assertEquals(new Shape(1, 14, 16), cut.getShape());
            TensorAssert.assertSame(whole.get(":, 2:"), cut);
        }
    }
}
