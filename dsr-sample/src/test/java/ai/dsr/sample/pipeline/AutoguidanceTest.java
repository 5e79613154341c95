// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.AtomicFiles;
import ai.dsr.core.io.Json;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.core.run.Progress;
import ai.dsr.core.tensor.Precision;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.sample.config.Experiment;
import ai.dsr.testkit.LeakCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

/** Autoguidance from the published {@code guidance.guidance_model} section to pictures and bundles. */
@ExtendWith(LeakCheck.class)
class AutoguidanceTest {
    private static final String GUIDANCE =
            """
            guidance:
              method: autoguidance
              scale: 1.42
              t-min: 0.0
              t-max: 1.0
              guidance_model:
                target: stage2.models.lightningDiT.LightningDiT
                params: {input_size: 2, patch_size: 1, in_channels: 16, hidden_size: 8, depth: 1, num_heads: 2,
                  mlp_ratio: 2.0, class_dropout_prob: 0.1, num_classes: 2, use_qknorm: false, use_swiglu: true,
                  use_rope: true, use_rmsnorm: true, wo_shift: false}
                ckpt: worse.safetensors
            """;

    @TempDir
    private Path root;

    private Path folder;

    @BeforeEach
    void writeBundleWithGuide() {
        folder = TinyProject.write(root);
        String config = TinyProject.config();
        int at = config.indexOf("guidance:");
        AtomicFiles.writeString(
                folder.resolve("config.yaml"),
                config.substring(0, at) + GUIDANCE + config.substring(config.indexOf("misc:", at)));
        try (NDManager manager = Torch.newManager()) {
            DiffusionTransformer guide =
                    Experiment.load(folder.resolve("config.yaml"), List.of()).guide();
            guide.initialize(manager, SeedTree.of(9));
            guide.arrays().forEach((name, array) -> array.addi(0.05));
            SafeTensors.writeArrays(folder.resolve("worse.safetensors"), guide.arrays(), Map.of());
        }
    }

    private static List<RgbImage> draw(Path bundle, String... overrides) {
        Bundle opened = Bundle.open(bundle);
        Experiment experiment = opened.experiment().with(List.of(overrides));
        try (ClassToImage pipeline = ClassToImage.load(new Bundle(experiment, opened.manifest()), Torch.newManager())) {
            return pipeline.generate(SampleRequest.of(1, 2, 3));
        }
    }

    @Test
    void theGuideChangesPicturesAndScaleOneIsNone() {
        List<RgbImage> guided = draw(folder);
        List<RgbImage> plain = draw(folder, "guidance.scale=1");
        assertNotEquals(plain, guided);
        assertEquals(plain, draw(folder, "guidance.method=cfg", "guidance.scale=1"));
        assertNotEquals(guided, draw(folder, "guidance.method=cfg"));
        assertEquals(plain, draw(folder, "guidance.t-min=1.5", "guidance.t-max=2"));
    }

    @Test
    void aBundleTakesTheGuideAlong() {
        Path bundle = root.resolve("copy");
        Bundle.open(folder).write(bundle, null);
        assertTrue(Files.exists(bundle.resolve("guide.safetensors")));
        assertTrue(Json.read(bundle.resolve("manifest.json")).path("sha256").has("guide.safetensors"));
        assertEquals(2, draw(bundle).size());
        assertNotEquals(draw(bundle, "guidance.scale=1"), draw(bundle));
    }

    @Test
    void oneEvaluationAStepIsCountedAndPrecisionChangesLittle() {
        Bundle bundle = Bundle.open(folder);
        Experiment experiment = bundle.experiment();
        try (ClassToImage pipeline = ClassToImage.load(bundle, Torch.newManager())) {
            SampleRequest request = SampleRequest.of(1, 1, 3);
            Drawn exact = pipeline.draw(0, request, experiment.sampler(), experiment.guidance(), Progress.silent());
            assertEquals(3, exact.evaluations());
            pipeline.setPrecision(Precision.BF16);
            Drawn low = pipeline.draw(0, request, experiment.sampler(), experiment.guidance(), Progress.silent());
            byte[] a = exact.images().get(0).toBytes();
            byte[] b = low.images().get(0).toBytes();
            double difference = 0;
            for (int i = 0; i < a.length; i++) {
                difference += Math.abs((a[i] & 0xff) - (b[i] & 0xff)) / (double) a.length;
            }
            assertTrue(difference > 0 && difference < 8, "mean difference of bytes " + difference);
        }
    }

    @Test
    void aGuideThatIsNotThereIsRefused() {
        String missing = assertThrows(
                        IllegalArgumentException.class, () -> draw(folder, "guidance.guidance_model.ckpt=no.pt"))
                .getMessage();
        assertEquals("guidance.guidance_model.ckpt: expected a file, got no.pt, which is not there", missing);
        String none = assertThrows(
                        IllegalArgumentException.class, () -> draw(folder, "guidance={method: autoguidance, scale: 2}"))
                .getMessage();
        assertEquals(
                "guidance.guidance_model: expected the worse model of autoguidance with target, params and ckpt, got "
                        + "none; add it or use method cfg",
                none);
        String classes = assertThrows(
                        IllegalArgumentException.class,
                        () -> draw(folder, "guidance.guidance_model.params.num_classes=3"))
                .getMessage();
        assertTrue(classes.contains("y_embedder.embedding_table.weight"), classes);
    }
}
