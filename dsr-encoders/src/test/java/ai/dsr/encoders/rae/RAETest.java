// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Config;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.PatchConvEncoder;
import ai.dsr.encoders.vit.PixelNorm;
import ai.dsr.encoders.vit.VisionEncoder;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class RAETest {
    private static final DecoderConfig SMALL = new DecoderConfig(1, 16, 1, 2, 16, "gelu", 1e-12, true, 3, 1, 1, null);

    private NDManager weights;
    private NDManager step;

    @BeforeEach
    void open() {
        weights = Torch.newManager();
        step = Torch.newManager();
    }

    @AfterEach
    void close() {
        step.close();
        weights.close();
    }

    private static RAEConfig config(String more) {
        String yaml = "encoder_cls: patch_conv\nencoder_config_path: none\ndecoder_patch_size: 2\n" + more;
        return Config.parse(yaml, "test.yaml").bind("", RAEConfig.class);
    }

    private VisionEncoder encoder(boolean givesLatents) {
        return PatchConvEncoder.random(weights, PixelNorm.half(), new PatchConvEncoder.Sizes(4, 6, 1e-6, givesLatents));
    }

    private RAE rae(RAEConfig config, boolean decodes) {
        VisionEncoder encoder = encoder(true);
        ViTDecoder decoder = null;
        if (decodes) {
            decoder = new ViTDecoder(RAE.decoderConfig(config, encoder, SMALL));
            decoder.initialize(weights, SeedTree.of(1));
        }
        weights.cap();
        return new RAE(config, encoder, LatentNormalizer.none(), decoder);
    }

    @Test
    void imagesOfAnySizeBecomeLatentsAndImagesAgain() {
        RAE rae = rae(config("encoder_input_size: 12"), true);
        NDArray images = step.randomUniform(0, 1, new Shape(2, 3, 20, 9));
        int before = step.getManagedArrays().size();
        Latents latents = rae.encode(images);
        assertEquals(before + 2, step.getManagedArrays().size());
        assertEquals(new Shape(2, 6, 3, 3), latents.z().getShape());
        assertEquals(rae.latentShape(2), latents.z().getShape());
        assertEquals(new Shape(2, 1, 3, 3), latents.tokenNorm().getShape());
        assertEquals(new Shape(2, 3, 6, 6), rae.decode(latents.z()).getShape());
    }

    @Test
    void tokensGoRowByRowToTheLatentGrid() {
        NDArray images = step.randomUniform(0, 1, new Shape(1, 3, 8, 8));
        VisionEncoder encoder = encoder(true);
        weights.cap();
        RAE grid = new RAE(config("encoder_input_size: 8"), encoder, LatentNormalizer.none(), null);
        RAE tokens =
                new RAE(config("encoder_input_size: 8\nreshape_to_2d: false"), encoder, LatentNormalizer.none(), null);
        NDArray z = tokens.encode(images).z(); // (1, 4, 6)
        TensorAssert.assertSame(
                z.reshape(1, 2, 2, 6).transpose(0, 3, 1, 2), grid.encode(images).z());
    }

    @Test
    void noiseGoesBeforeOrAfterTheStatisticsInTheShapeItIsAskedFor() {
        VisionEncoder encoder = encoder(true);
        LatentNormalizer halves =
                LatentNormalizer.of(weights, null, TensorData.of(new float[] {4, 4, 4, 4, 4, 4}, 6, 1, 1), 0);
        weights.cap();
        NDArray images = step.randomUniform(0, 1, new Shape(1, 3, 8, 8));
        for (boolean isAfter : new boolean[] {false, true}) {
            String yaml = "encoder_input_size: 8\nnoise_tau: 0.5\npost_stat_norm: " + isAfter;
            RAE rae = new RAE(config(yaml), encoder, halves, null);
            NDArray ones = step.ones(rae.noiseShape(1));
            LatentNoise.Draws draws = new LatentNoise.Draws(step.ones(new Shape(1)), ones);
            NDArray added = rae.encode(images, draws).z().sub(rae.encode(images).z());
            TensorAssert.assertClose(added.onesLike().mul(isAfter ? 0.5 : 0.25), added, 1e-5, 0);
        }
    }

    @Test
    void partsThatDoNotFitAreNamed() {
        VisionEncoder encoder = encoder(false);
        weights.cap();
        assertEquals(
                "encoder_input_size: expected a multiple of the patch size (4), got 10",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> new RAE(config("encoder_input_size: 10"), encoder, LatentNormalizer.none(), null))
                        .getMessage());
        assertTrue(assertThrows(
                        IllegalArgumentException.class,
                        () -> new RAE(
                                config("encoder_input_size: 8"),
                                encoder,
                                LatentNormalizer.none(),
                                new ViTDecoder(SMALL)))
                .getMessage()
                .endsWith("; build it from RAE.decoderConfig"));
        RAE preln = new RAE(config("encoder_input_size: 8\npreln: true"), encoder, LatentNormalizer.none(), null);
        assertEquals(
                "preln: expected an encoder that gives tokens before its final norm, got patch_conv",
                assertThrows(IllegalArgumentException.class, () -> preln.encode(step.zeros(new Shape(1, 3, 8, 8))))
                        .getMessage());
        assertEquals(
                "images: expected (*, 3, *, *), got (1, 1, 8, 8)",
                assertThrows(IllegalArgumentException.class, () -> preln.encode(step.zeros(new Shape(1, 1, 8, 8))))
                        .getMessage());
        assertEquals(
                "decoder: expected one to decode with, got none; give decoder_config_path",
                assertThrows(IllegalStateException.class, () -> preln.decode(step.zeros(new Shape(1, 6, 2, 2))))
                        .getMessage());
    }
}
