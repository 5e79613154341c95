// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.vit.Dinov2Config.Variant;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class EncoderFolderTest {
    private static final String NO_REG = "Dinov2withNormNoReg";

    @TempDir
    private Path folder;

    private final Map<String, TensorData> tensors = new LinkedHashMap<>();

    @BeforeEach
    void writeAModel() throws IOException {
        Files.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"dinov2\", \"hidden_size\": 16, \"num_hidden_layers\": 3, \"num_attention_heads\": 2,"
                        + " \"mlp_ratio\": 2, \"image_size\": 12, \"patch_size\": 4, \"architectures\": []}");
        try (NDManager weights = Torch.newManager()) {
            ViT network = new ViT(TinyDinov2.config(Variant.PLAIN, false).network());
            network.initialize(weights, SeedTree.of(3));
            network.arrays().forEach((name, array) -> tensors.put(name, TensorData.of(array)));
        }
        write(DataType.FLOAT32);
    }

    private void write(DataType type) {
        SafeTensors.write(folder.resolve("model.safetensors"), tensors, Map.of(), type);
    }

    private String fault(Map<String, Object> params, String name) {
        try (NDManager weights = Torch.newManager()) {
            return assertThrows(
                            IllegalArgumentException.class, () -> EncoderCatalog.open(name, folder, params, weights))
                    .getMessage();
        }
    }

    @Test
    void halfPrecisionFilesAreComputedInFloat32(NDManager step) {
        write(DataType.FLOAT16);
        try (NDManager weights = Torch.newManager()) {
            VisionEncoder encoder = EncoderCatalog.open(NO_REG, folder, Map.of(), weights);
            weights.cap();
            NDArray tokens = encoder.encode(step.ones(new Shape(1, 3, 12, 12))).tokens();
            assertEquals(DataType.FLOAT32, tokens.getDataType());
            assertEquals(PixelNorm.imageNet(), encoder.pixelNorm());
            assertEquals(NO_REG, encoder.name());
        }
    }

    @Test
    void optionsAreThoseOfTheConfiguration(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            Map<String, Object> params = Map.of("normalize", false, "layer_index", 2L, "dinov2_path", "anywhere");
            ViTEncoder encoder = EncoderCatalog.open(NO_REG, folder, params, weights);
            weights.cap();
            NDArray x = step.ones(new Shape(1, 3, 12, 12));
            NDArray state = encoder.backbone().hiddenStates(x).get(2);
            TensorAssert.assertClose(state.get(":, 1:"), encoder.encode(x).tokens(), 1e-6, 1e-6);
        }
    }

    @Test
    void headsAndMaskTokensInTheFileAreIgnored() {
        tensors.put("embeddings.mask_token", TensorData.of(new float[16], 1, 16));
        tensors.put("classifier.weight", TensorData.of(new float[4], 2, 2));
        write(DataType.FLOAT32);
        try (NDManager weights = Torch.newManager()) {
            assertEquals(
                    16, EncoderCatalog.open(NO_REG, folder, Map.of(), weights).width());
        }
    }

    @Test
    void missingUnexpectedAndMisshapenTensorsAreNamed() {
        tensors.remove("layernorm.bias");
        tensors.put("embeddings.register_tokens", TensorData.of(new float[16], 1, 1, 16));
        tensors.put("embeddings.cls_token", TensorData.of(new float[8], 1, 1, 8));
        write(DataType.FLOAT32);
        String message = fault(Map.of(), NO_REG);
        assertTrue(message.startsWith("model.safetensors: 1 name missing (layernorm.bias)"), message);
        assertTrue(message.contains("unexpected (embeddings.register_tokens)"), message);
        assertTrue(message.contains("embeddings.cls_token: expected (1, 1, 16), got (1, 1, 8)"), message);
    }

    @Test
    void aTruncatedFileIsRefused() throws IOException {
        Path file = folder.resolve("model.safetensors");
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, Arrays.copyOf(bytes, bytes.length - 100));
        assertTrue(fault(Map.of(), NO_REG).contains("model.safetensors"));
    }

    @Test
    void theWrongWrapperOrOptionIsNamed() {
        assertTrue(
                fault(Map.of(), "Dinov2withNorm")
                        .endsWith(
                                "model_type: expected dinov2_with_registers, got dinov2; set encoder_cls to Dinov2withNormNoReg"));
        assertEquals(
                "encoder_cls: expected Dinov2withNormNoReg, Dinov2withNorm, Dinov3withNorm, SigLIP2wNorm, MAEwNorm, got CLIP",
                fault(Map.of(), "CLIP"));
        assertEquals(
                "encoder_params: expected keys of Dinov2withNormNoReg [dinov2_path, dinov3_path, layer_index, model_name,"
                        + " normalize], got layer",
                fault(Map.of("layer", 3), NO_REG));
        assertEquals(
                "encoder_params.layer_index: expected a whole number, got 2.5",
                fault(Map.of("layer_index", 2.5), NO_REG));
        assertEquals("encoder_params.normalize: expected true or false, got 1", fault(Map.of("normalize", 1), NO_REG));
    }

    @Test
    void aFolderThatIsNotThereIsNamed() {
        Path absent = folder.resolve("absent");
        try (NDManager weights = Torch.newManager()) {
            assertEquals(
                    "encoder_config_path: expected a folder with config.json and model.safetensors, got " + absent,
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> EncoderCatalog.open(NO_REG, absent, Map.of(), weights))
                            .getMessage());
        }
    }

    @Test
    void pixelStatisticsComeFromThePreprocessorFile() throws IOException {
        Path file = folder.resolve("preprocessor_config.json");
        Files.writeString(
                file, "{\"image_mean\": [0.5, 0.5, 0.5], \"image_std\": [0.5, 0.5, 0.5], \"do_resize\": true}");
        assertEquals(PixelNorm.half(), PixelNorm.ofFolder(folder, PixelNorm.imageNet()));
        Files.writeString(file, "{\"image_mean\": [0.5]}");
        assertEquals(
                "image_std: expected as many values as image_mean has (1), got [0.229, 0.224, 0.225]",
                assertThrows(IllegalArgumentException.class, () -> PixelNorm.ofFolder(folder, PixelNorm.imageNet()))
                        .getMessage());
        Files.writeString(file, "{\"image_mean\": [\"a\", 1, 1]}");
        assertTrue(assertThrows(IllegalArgumentException.class, () -> PixelNorm.ofFolder(folder, PixelNorm.imageNet()))
                .getMessage()
                .contains("image_mean: expected a list of numbers"));
    }

    @Test
    void pixelStatisticsGoBothWays(NDManager step) {
        NDArray images = step.randomUniform(0, 1, new Shape(2, 3, 4, 4));
        NDArray back = PixelNorm.imageNet().denormalize(PixelNorm.imageNet().normalize(images));
        TensorAssert.assertClose(images, back, 1e-6, 1e-6);
        assertEquals(
                "images: expected (B, 3, H, W), got (2, 1, 4, 4)",
                assertThrows(IllegalArgumentException.class, () -> PixelNorm.half()
                                .normalize(step.zeros(new Shape(2, 1, 4, 4))))
                        .getMessage());
    }
}
