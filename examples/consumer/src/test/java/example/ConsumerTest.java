// SPDX-License-Identifier: Apache-2.0
package example;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.sample.pipeline.ClassToImage;
import ai.dsr.sample.pipeline.SampleRequest;
import ai.dsr.sample.pipeline.TextRequest;
import ai.dsr.sample.pipeline.TextToImage;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The library as another project gets it: one dependency, and the native libraries come along. */
final class ConsumerTest {
    @Test
    void aDenoiserWithRegistersPredictsInTheShapeOfItsLatents() {
        LightningDiT model = new LightningDiT(DiTConfig.of(4, 3, 5, 48, 2, 2).withRegisters(4, 1));
        try (NDManager manager = Torch.newManager()) {
            model.initialize(manager, SeedTree.of(7).child("weights"));
            Shape shape = new Shape(2, 3, 4, 4);
            float[] noise = SeedTree.of(7).child("noise").stream().normals((int) shape.size());
            NDArray prediction = model.forward(
                    manager.create(noise, shape),
                    manager.create(new float[] {0.25f, 0.75f}),
                    manager.create(new long[] {1, model.conditioning().nullClass()}));
            assertEquals(shape, prediction.getShape());
            assertFalse(prediction.isNaN().any().getBoolean());
        }
    }

    /** The example of the README. */
    @Test
    void theShippedBundleDrawsAnImage(@TempDir Path folder) {
        Path first = folder.resolve("first.png");
        try (ClassToImage pipeline = ClassToImage.load(Path.of("../../models/emoji"))) {
            List<RgbImage> images = pipeline.generate(SampleRequest.of(3, 4, 7L)); // class 3, 4 images, seed 7
            ImageCodec.writePng(first, images.get(0));
            assertEquals(4, images.size());
            assertEquals(8, pipeline.classNames().size());
        }
        assertEquals(64, ImageCodec.read(first).width());
    }

    /** The other example of the README. */
    @Test
    void theTextBundleDrawsAPrompt(@TempDir Path folder) {
        Path first = folder.resolve("first.png");
        try (TextToImage pipeline = TextToImage.load(Path.of("../../models/emoji-t2i"))) {
            List<RgbImage> images = pipeline.generate(TextRequest.of("red heart, noto style", 4, 7L)); // 4 images, seed 7
            ImageCodec.writePng(first, images.get(0));
            assertEquals(4, images.size());
        }
        assertEquals(64, ImageCodec.read(first).width());
    }

    @Test
    void drawsAreAFunctionOfSeedPurposeAndIndex() {
        float[] first = SeedTree.of(42).child("noise").at(3).stream().normals(8);
        assertArrayEquals(first, SeedTree.of(42).child("noise").at(3).stream().normals(8));
        assertFalse(first[0] == SeedTree.of(42).child("noise").at(4).stream().normals(1)[0]);
    }

    @Test
    void whatOnlyCommandsAndTestsNeedStaysAway() {
        assertThrows(ClassNotFoundException.class, () -> Class.forName("picocli.CommandLine"));
        assertThrows(ClassNotFoundException.class, () -> Class.forName("ai.dsr.testkit.LeakCheck"));
    }
}
