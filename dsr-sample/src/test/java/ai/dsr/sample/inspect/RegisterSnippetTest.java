// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.run.Progress;
import ai.dsr.encoders.register.NeuronSearchConfig;
import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.encoders.register.RecursiveSearch;
import ai.dsr.encoders.register.RecursiveSearchConfig;
import ai.dsr.encoders.register.RegisterNeurons;
import ai.dsr.encoders.register.RegisterPlan;
import ai.dsr.encoders.register.RegisterPlanFile;
import ai.dsr.encoders.register.TestTimeRegisters;
import ai.dsr.encoders.vit.EncoderCatalog;
import ai.dsr.encoders.vit.ViTEncoder;
import ai.dsr.sample.TinyProject;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The lines of the README about encoders. */
final class RegisterSnippetTest {
    @TempDir
    private Path root;

    @Test
    void tenLinesOpenSearchWrapAndEncode() {
        Path folder = TinyProject.writeEncoder(root.resolve("encoder"), 1);
        Path planFile = root.resolve("plan.json");
        // begin of the snippet
        try (NDManager manager = Torch.newManager()) {
            ViTEncoder encoder =
                    EncoderCatalog.open(folder, manager); // DINOv2, DINOv3, SigLIP2 or MAE: config.json tells
            var images = InspectedImages.open("emoji", 224, 4, encoder.pixelNorm());
            var search = NeuronSearchConfig.of(-1, OutlierRule.timesMedian(1.01), 10); // last block, 10 neurons a round
            var config = new RecursiveSearchConfig(search, 2, 0, RegisterPlan.of(RegisterNeurons.none()));
            RegisterPlan plan = RecursiveSearch.run(encoder.backbone(), images, config, manager, Progress::start);
            RegisterPlanFile.write(planFile, plan);
            ViTEncoder repaired = TestTimeRegisters.of(encoder, plan);
            NDArray tokens = repaired.encode(images.get(manager, 0)).tokens(); // (1, P, D)
            // end of the snippet
            assertEquals(new Shape(1, 256, 16), tokens.getShape());
            assertTrue(Files.exists(planFile));
        }
    }
}
