// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.types.Shape;
import ai.dsr.core.nn.Weight;
import ai.dsr.encoders.vit.Dinov2Config.Variant;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Published models by their published parameter counts, built without a byte of weights.
 *
 * <p>Counts in millions are those of pytorch-image-models, {@code results/benchmark-infer-amp-nchw-pt291-cu128-4090.csv},
 * for the model named in each line: encoders without head and mask token. MAE's encoder is the plain ViT of that size;
 * exact counts of B and L are torchvision's for {@code vit_b_16} and {@code vit_l_16} less the classifier of 1,000 classes.
 */
class PublishedSizesTest {
    static Stream<Arguments> millions() {
        return Stream.of(
                Arguments.of(
                        "vit_small_patch14_dinov2",
                        Dinov2Config.small(Variant.PLAIN).network(),
                        22.06),
                Arguments.of(
                        "vit_base_patch14_dinov2",
                        Dinov2Config.base(Variant.PLAIN).network(),
                        86.58),
                Arguments.of(
                        "vit_large_patch14_dinov2",
                        Dinov2Config.large(Variant.PLAIN).network(),
                        304.37),
                Arguments.of(
                        "vit_giant_patch14_dinov2",
                        Dinov2Config.giant(Variant.PLAIN).network(),
                        1136.48),
                Arguments.of(
                        "vit_large_patch16_dinov3_qkvb", Dinov3Config.large().network(), 303.13),
                Arguments.of(
                        "vit_huge_plus_patch16_dinov3_qkvb",
                        Dinov3Config.hugePlus().network(),
                        840.59),
                Arguments.of(
                        "vit_base_patch16_siglip_gap_384",
                        Siglip2Config.base(384).network(),
                        86.09),
                Arguments.of(
                        "vit_base_patch16_siglip_gap_512",
                        Siglip2Config.base(512).network(),
                        86.43),
                Arguments.of(
                        "vit_large_patch16_siglip_gap_256",
                        Siglip2Config.large(256).network(),
                        303.36),
                Arguments.of(
                        "vit_so400m_patch14_siglip_gap_224",
                        Siglip2Config.so400m(224, 14).network(),
                        412.44),
                Arguments.of(
                        "vit_so400m_patch14_siglip_gap_384",
                        Siglip2Config.so400m(384, 14).network(),
                        412.99),
                Arguments.of(
                        "vit_so400m_patch16_siglip_gap_512",
                        Siglip2Config.so400m(512, 16).network(),
                        413.53),
                Arguments.of("vit_huge_patch14_224", MaeConfig.huge().network(), 630.76));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("millions")
    void modelsHaveTheirPublishedSizeWithoutTakingMemory(String name, ViTConfig config, double millions) {
        ViT network = new ViT(config);
        assertEquals(millions, Math.round(network.parameterCount() / 1e4) / 100.0, 1e-9);
        assertTrue(network.weights().values().stream().noneMatch(Weight::isBound));
    }

    /** The {@code vit_*_patch14_reg4_dinov2} there have no position of the class token: one row less. */
    @Test
    void modelsWithRegistersHaveTheirPublishedSize() {
        double[] millions = {22.06, 86.58, 304.37, 1136.48};
        ViTConfig[] configs = {
            Dinov2Config.small(Variant.REGISTERS).network(),
            Dinov2Config.base(Variant.REGISTERS).network(),
            Dinov2Config.large(Variant.REGISTERS).network(),
            Dinov2Config.giant(Variant.REGISTERS).network()
        };
        for (int i = 0; i < configs.length; i++) {
            assertEquals(millions[i], Math.round((count(configs[i]) - configs[i].width()) / 1e4) / 100.0, 1e-9);
        }
    }

    @Test
    void countsAreExactWhereExactOnesArePublished() {
        // 304,368,640 and 1,136,480,768 in the model cards of DINOv2 count the mask token, one row.
        assertEquals(304_368_640 - 1024, count(Dinov2Config.large(Variant.PLAIN).network()));
        assertEquals(
                1_136_480_768 - 1536, count(Dinov2Config.giant(Variant.PLAIN).network()));
        // google/siglip-so400m-patch14-384: 428,225,600 in the vision tower, 15,238,352 of them in its pooling head.
        assertEquals(
                428_225_600 - 15_238_352, count(Siglip2Config.so400m(384, 14).network()));
        assertEquals(86_567_656 - 769_000, count(MaeConfig.base().network()));
        assertEquals(304_326_632 - 1_025_000, count(MaeConfig.large().network()));
    }

    private static long count(ViTConfig config) {
        return new ViT(config).parameterCount();
    }

    /** The model card of DINOv3 gives 21, 29 and 86 million for these three. */
    @Test
    void theSmallerDinov3ModelsHaveTheSizesOfTheirModelCard() {
        assertEquals(21.6, count(Dinov3Config.small().network()) / 1e6, 0.05);
        assertEquals(28.7, count(Dinov3Config.smallPlus().network()) / 1e6, 0.05);
        assertEquals(85.7, count(Dinov3Config.base().network()) / 1e6, 0.05);
    }

    @Test
    void namesAndShapesAreThoseOfTheFiles() {
        ViT giant = new ViT(Dinov2Config.giant(Variant.REGISTERS).network());
        assertEquals(new Shape(8192, 1536), giant.shapes().get("encoder.layer.39.mlp.weights_in.weight"));
        assertEquals(new Shape(1536, 4096), giant.shapes().get("encoder.layer.39.mlp.weights_out.weight"));
        assertEquals(new Shape(1, 4, 1536), giant.shapes().get("embeddings.register_tokens"));
        assertEquals(new Shape(1, 1370, 1536), giant.shapes().get("embeddings.position_embeddings"));

        ViT so400m = new ViT(Siglip2Config.so400m(224, 14).network());
        assertEquals(new Shape(256, 1152), so400m.shapes().get("embeddings.position_embedding.weight"));
        assertEquals(new Shape(4304, 1152), so400m.shapes().get("encoder.layers.26.mlp.fc1.weight"));
        assertEquals(new Shape(1152), so400m.shapes().get("post_layernorm.weight"));
        assertEquals(0, so400m.prefixTokens());

        ViT dinov3 = new ViT(Dinov3Config.hugePlus().network());
        assertEquals(new Shape(5120, 1280), dinov3.shapes().get("layer.31.mlp.gate_proj.weight"));
        assertEquals(new Shape(1280, 3, 16, 16), dinov3.shapes().get("embeddings.patch_embeddings.weight"));
        assertTrue(dinov3.shapes().containsKey("layer.0.attention.q_proj.bias"));
        assertTrue(!dinov3.shapes().containsKey("layer.0.attention.k_proj.bias"));
        assertEquals(5, dinov3.prefixTokens());

        ViT mae = new ViT(MaeConfig.large().network());
        assertEquals(new Shape(1, 197, 1024), mae.shapes().get("embeddings.position_embeddings"));
        assertEquals(new Shape(4096, 1024), mae.shapes().get("encoder.layer.23.intermediate.dense.weight"));
    }
}
