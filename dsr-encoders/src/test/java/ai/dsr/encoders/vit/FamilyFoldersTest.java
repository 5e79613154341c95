// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Folders in Hugging Face's layout, family by family. */
@ExtendWith(LeakCheck.class)
class FamilyFoldersTest {
    private static final int WIDTH = 16;

    @TempDir
    private Path folder;

    private static String config(EncoderFamily family) {
        String sizes = "\"hidden_size\": 16, \"intermediate_size\": 24, \"num_hidden_layers\": 2,"
                + " \"num_attention_heads\": 2, \"image_size\": 32, \"patch_size\": 2, \"mlp_ratio\": 2";
        return switch (family) {
            case DINOV2 -> "{\"model_type\": \"dinov2\", " + sizes + "}";
            case DINOV2_REGISTERS ->
                "{\"model_type\": \"dinov2_with_registers\", \"num_register_tokens\": 3, " + sizes + "}";
            case DINOV3 -> "{\"model_type\": \"dinov3_vit\", \"num_register_tokens\": 3, " + sizes + "}";
            case SIGLIP2 -> "{\"model_type\": \"siglip\", \"vision_config\": {" + sizes + "}}";
            case MAE -> "{\"model_type\": \"vit_mae\", " + sizes + "}";
        };
    }

    private Map<String, TensorData> write(EncoderFamily family) {
        AtomicFiles.writeString(folder.resolve("config.json"), config(family));
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        try (NDManager weights = Torch.newManager()) {
            ViTConfig config = family.network(HfConfig.ofFolder(folder));
            ViT network = new ViT(config);
            network.initialize(weights, SeedTree.of(4));
            String prefix = family == EncoderFamily.SIGLIP2 || family == EncoderFamily.MAE
                    ? config.names().prefix()
                    : "";
            network.arrays().forEach((name, array) -> tensors.put(prefix + name, TensorData.of(array)));
        }
        SafeTensors.write(folder.resolve("model.safetensors"), tensors, Map.of());
        return tensors;
    }

    private String fault(String name, Map<String, Object> params) {
        try (NDManager weights = Torch.newManager()) {
            return assertThrows(
                            IllegalArgumentException.class, () -> EncoderCatalog.open(name, folder, params, weights))
                    .getMessage();
        }
    }

    @ParameterizedTest
    @EnumSource
    void aFamilyOpensByItsNameAndByItsFolderAlone(EncoderFamily family) {
        write(family);
        try (NDManager weights = Torch.newManager();
                NDManager step = Torch.newManager()) {
            ViTEncoder named = EncoderCatalog.open(family.encoderCls(), folder, Map.of(), weights);
            ViTEncoder found = EncoderCatalog.open(folder, weights);
            weights.cap();
            assertEquals(family, found.family());
            assertEquals(family.encoderCls(), found.name());
            assertEquals(family == EncoderFamily.SIGLIP2 ? PixelNorm.half() : PixelNorm.imageNet(), found.pixelNorm());
            NDArray x = step.randomUniform(-1, 1, new Shape(2, 3, 32, 32));
            int before = step.getManagedArrays().size();
            EncoderOutput output = named.encode(x);
            assertEquals(new Shape(2, 256, WIDTH), output.tokens().getShape());
            assertEquals(family == EncoderFamily.SIGLIP2, output.hasLatents());
            assertEquals(
                    before + (output.hasLatents() ? 2 : 1),
                    step.getManagedArrays().size());
            TensorAssert.assertSame(output.tokens(), found.encode(x).tokens());
        }
    }

    @ParameterizedTest
    @EnumSource
    void shardedHalfPrecisionFoldersOpenToo(EncoderFamily family, @TempDir Path shards) {
        Map<String, TensorData> tensors = write(family);
        AtomicFiles.writeString(shards.resolve("config.json"), config(family));
        Map<String, TensorData> first = new LinkedHashMap<>();
        Map<String, TensorData> second = new LinkedHashMap<>();
        StringBuilder index = new StringBuilder("{\"weight_map\": {");
        tensors.forEach((name, tensor) -> {
            Map<String, TensorData> shard = first.size() < tensors.size() / 2 ? first : second;
            shard.put(name, tensor);
            index.append(index.charAt(index.length() - 1) == '{' ? "" : ", ")
                    .append('"')
                    .append(name)
                    .append(shard == first ? "\": \"a.safetensors\"" : "\": \"b.safetensors\"");
        });
        SafeTensors.write(shards.resolve("a.safetensors"), first, Map.of(), DataType.FLOAT16);
        SafeTensors.write(shards.resolve("b.safetensors"), second, Map.of(), DataType.BFLOAT16);
        AtomicFiles.writeString(shards.resolve("model.safetensors.index.json"), index + "}}");
        try (NDManager weights = Torch.newManager();
                NDManager step = Torch.newManager()) {
            NDArray x = step.randomUniform(-1, 1, new Shape(1, 3, 32, 32));
            NDArray want = EncoderCatalog.open(folder, weights).encode(x).tokens();
            NDArray got = EncoderCatalog.open(shards, weights).encode(x).tokens();
            TensorAssert.assertClose(want, got, 0.1, 0.1); // two bytes a weight
        }
    }

    @ParameterizedTest
    @EnumSource
    void theWrongWrapperNamesTheRightOne(EncoderFamily family) {
        write(family);
        EncoderFamily other = family == EncoderFamily.MAE ? EncoderFamily.DINOV2 : EncoderFamily.MAE;
        String message = fault(other.encoderCls(), Map.of());
        assertTrue(message.contains("config.json: model_type: expected "), message);
        assertTrue(message.endsWith("; set encoder_cls to " + family.encoderCls()), message);
    }

    @Test
    void aModelOfNoFamilyIsNamed() {
        AtomicFiles.writeString(folder.resolve("config.json"), "{\"model_type\": \"siglip2\"}");
        String file = folder.resolve("config.json").toString();
        assertEquals(
                file + ": model_type: expected siglip, got siglip2; no encoder here takes it",
                fault("SigLIP2wNorm", Map.of()));
        try (NDManager weights = Torch.newManager()) {
            assertEquals(
                    file + ": model_type: expected dinov2, dinov2_with_registers, dinov3_vit, siglip, vit_mae,"
                            + " got siglip2",
                    assertThrows(IllegalArgumentException.class, () -> EncoderCatalog.open(folder, weights))
                            .getMessage());
        }
    }

    @Test
    void weightsOfAnotherFamilyUnderASparseConfigurationAreNamed() {
        write(EncoderFamily.DINOV2);
        AtomicFiles.writeString(
                folder.resolve("config.json"), config(EncoderFamily.MAE).replace("\"model_type\": \"vit_mae\", ", ""));
        String message = fault("MAEwNorm", Map.of());
        assertTrue(message.startsWith("model.safetensors: "), message);
        assertTrue(message.contains("names missing (encoder.layer.0.layernorm_before.weight"), message);
    }

    @Test
    void dinov3TakesExactly256Patches(NDManager step) {
        write(EncoderFamily.DINOV3);
        try (NDManager weights = Torch.newManager()) {
            ViTEncoder encoder = EncoderCatalog.open("Dinov3withNorm", folder, Map.of(), weights);
            weights.cap();
            assertEquals(8, encoder.encode(step.zeros(new Shape(1, 3, 16, 64))).gridHeight());
            assertEquals(
                    "Dinov3withNorm: expected images of 256 patches, got 225 (15x15); set encoder_input_size to 16"
                            + " times the patch size",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> encoder.encode(step.zeros(new Shape(1, 3, 30, 30))))
                            .getMessage());
        }
    }

    @Test
    void optionsAreThoseOfTheFamily() {
        write(EncoderFamily.SIGLIP2);
        assertEquals(
                "encoder_params: expected keys of SigLIP2wNorm [dinov2_path, dinov3_path, layer_index, model_name],"
                        + " got normalize",
                fault("SigLIP2wNorm", Map.of("normalize", true)));
        assertEquals(
                "dropped_tokens: expected 0 or more, got -2",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> EncoderCatalog.readout(EncoderFamily.DINOV3, Map.of("dropped_tokens", -2)))
                        .getMessage());
        assertEquals(
                new TokenReadout(false, 3, 5),
                EncoderCatalog.readout(
                        EncoderFamily.DINOV3, Map.of("dropped_tokens", 5, "normalize", false, "layer_index", 3)));
    }

    @Test
    void aCutThatLeavesNoTokenIsNamed(NDManager step) {
        write(EncoderFamily.DINOV3);
        try (NDManager weights = Torch.newManager()) {
            ViTEncoder encoder = EncoderCatalog.open("Dinov3withNorm", folder, Map.of("dropped_tokens", 300), weights);
            assertEquals(
                    "dropped_tokens: expected fewer than 260, got 300",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> encoder.encode(step.zeros(new Shape(1, 3, 32, 32))))
                            .getMessage());
        }
    }

    @Test
    void theSectionOfTheVisionTowerIsNamedInMessages() {
        AtomicFiles.writeString(
                folder.resolve("config.json"),
                "{\"model_type\": \"siglip\", \"vision_config\": {\"patch_size\": 0.5}}");
        assertTrue(fault("SigLIP2wNorm", Map.of())
                .endsWith("config.json: vision_config: patch_size: expected a whole number, got 0.5"));
        AtomicFiles.writeString(folder.resolve("config.json"), "{\"model_type\": \"siglip\", \"vision_config\": 3}");
        assertTrue(fault("SigLIP2wNorm", Map.of()).endsWith("vision_config: expected an object, got 3"));
    }
}
