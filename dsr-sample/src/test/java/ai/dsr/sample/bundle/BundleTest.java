// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.bundle;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.config.Experiment;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.testkit.LeakCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class BundleTest {
    @TempDir
    private Path root;

    private Path folder;

    @BeforeEach
    void writeTheProject() {
        folder = TinyProject.write(root);
    }

    private static String fault(Path bundle) {
        return assertThrows(IllegalArgumentException.class, () -> Bundle.open(bundle))
                .getMessage();
    }

    private static List<RgbImage> sample(Path bundle) {
        try (ClassToImage pipeline = ClassToImage.load(bundle)) {
            return pipeline.generate(SampleRequest.of(1, 2, 5));
        }
    }

    @Test
    void aWrittenBundleDrawsTheSameAsTheOneItWasWrittenFrom() {
        Path half = root.resolve("a/half # 1"); // elsewhere, under a name that YAML must quote
        Path copy = root.resolve("copy");
        Bundle.open(folder).write(half, null);
        Bundle written = Bundle.open(half);
        assertEquals(TinyProject.CLASSES, written.manifest().classes());
        assertEquals("../../encoder", written.experiment().rae().encoderConfigPath());
        written.write(copy, null);
        assertEquals(sample(half), sample(copy)); // float16 of float16 is exact
        assertEquals(
                Bundle.open(half).manifest().sha256(),
                Bundle.open(copy).manifest().sha256());
    }

    @Test
    void aModelCardStaysWhenTheBundleIsReplaced() throws IOException {
        Path target = root.resolve("target");
        Files.createDirectories(target);
        Files.writeString(target.resolve("README.md"), "card");
        Bundle.open(folder).write(target, null);
        assertEquals("card", Files.readString(target.resolve("README.md")));
    }

    @Test
    void aChangedFileIsRefusedByName() throws IOException {
        for (String name : List.of("denoiser", "decoder", "statistics")) {
            Path file = folder.resolve(name + ".safetensors");
            byte[] bytes = Files.readAllBytes(file);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
            String message = fault(folder);
            assertTrue(message.startsWith(file + ": expected SHA-256 "), message);
            assertTrue(message.endsWith("; this is not the file that the model was trained with"), message);
            bytes[bytes.length - 1] ^= 1;
            Files.write(file, bytes);
        }
        Bundle.open(folder);
    }

    @Test
    void aMissingFileIsRefusedByName() throws IOException {
        Path file = folder.resolve("decoder.safetensors");
        Files.delete(file);
        assertEquals(file + ": expected the file that the manifest names, got none", fault(folder));
    }

    @Test
    void anotherEncoderIsRefused() {
        Path encoder = TinyProject.writeEncoder(root.resolve("encoder"), 99);
        String message = fault(folder);
        assertTrue(message.contains(encoder.getFileName() + ": expected SHA-256 "), message);
    }

    @Test
    void aFolderThatIsNoBundleIsRefused() throws IOException {
        Path none = root.resolve("none");
        assertEquals(none + ": expected a bundle or a run folder, got no folder", fault(none));
        Path encoder = root.resolve("encoder");
        assertEquals(
                encoder + ": expected config.yaml and manifest.json of a bundle or a run, got neither or one",
                fault(encoder));
        Path manifest = folder.resolve("manifest.json");
        Files.writeString(manifest, Files.readString(manifest).replace("dsr-bundle-1", "dsr-bundle-9"));
        assertEquals(manifest + ": format: expected dsr-bundle-1, got dsr-bundle-9", fault(folder));
    }

    @Test
    void aBundleThatWouldNotFindItsEncoderIsNotWritten() {
        Path target = root.resolve("target");
        Bundle bundle = Bundle.open(folder);
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> bundle.write(target, "../nowhere"));
        assertTrue(error.getMessage().contains("nowhere"), error.getMessage());
        assertFalse(Files.exists(target));
    }

    @Test
    void aRunFolderOpensAtItsNewestCheckpoint() throws IOException {
        for (String step : List.of("step-9", "step-10", ".step-11.tmp")) {
            Path checkpoint = folder.resolve("checkpoints").resolve(step);
            Files.createDirectories(checkpoint);
            Files.copy(folder.resolve("denoiser.safetensors"), checkpoint.resolve("ema.safetensors"));
        }
        assertEquals(
                "checkpoints/step-10/ema.safetensors",
                Bundle.open(folder).experiment().denoiserWeights());
    }

    @Test
    void weightsThatDoNotFitTheModelAreRefused(NDManager manager) {
        Path file = folder.resolve("denoiser.safetensors");
        SafeTensors.write(
                file, SafeTensors.read(folder.resolve("statistics.safetensors")).toMap(), Map.of());
        Experiment experiment = Experiment.load(folder.resolve("config.yaml"), List.of());
        String message = assertThrows(IllegalArgumentException.class, () -> Stages.denoiser(experiment, manager))
                .getMessage();
        assertTrue(message.contains("missing") && message.contains("2 unexpected"), message);
    }
}
