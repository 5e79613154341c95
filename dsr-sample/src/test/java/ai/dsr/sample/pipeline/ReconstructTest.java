// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.image.ImageCodec;
import ai.dsr.core.image.RgbImage;
import ai.dsr.core.run.Progress;
import ai.dsr.sample.TinyProject;
import ai.dsr.sample.bundle.Bundle;
import ai.dsr.testkit.LeakCheck;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;

@ExtendWith(LeakCheck.class)
class ReconstructTest {
    @TempDir
    private Path root;

    @Test
    void everyImageComesBackInItsPlaceAndSize(NDManager manager) {
        Bundle bundle = Bundle.open(TinyProject.write(root));
        List<RgbImage> originals =
                IntStream.range(0, 17).mapToObj(TinyProject::image).toList(); // two batches
        Reconstruct.Result all = Reconstruct.run(bundle, originals, manager, Progress.silent());
        assertEquals(17, all.images().size());
        assertEquals(28, all.images().get(16).height());
        assertTrue(all.psnr() > 0 && all.psnr() < 100, "PSNR " + all.psnr());
        Reconstruct.Result again = Reconstruct.run(bundle, originals, manager, Progress.silent());
        assertEquals(all, again);
        assertTrue(manager.getManagedArrays().isEmpty());
    }

    @Test
    void originalsOfAFolderAreCroppedToTheBundlesSize() throws java.io.IOException {
        Bundle bundle = Bundle.open(TinyProject.write(root));
        Path images = Files.createDirectories(root.resolve("images"));
        for (int i = 0; i < 3; i++) {
            byte[] wide = new byte[60 * 40 * RgbImage.CHANNELS];
            ImageCodec.writePng(images.resolve(i + ".png"), RgbImage.of(60, 40, wide));
        }
        List<RgbImage> originals = Reconstruct.originals(bundle, images.toString(), 2);
        assertEquals(2, originals.size());
        assertEquals(28, originals.get(0).width());
        Path none = root.resolve("none");
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> Reconstruct.originals(bundle, none.toString(), 2));
        assertEquals(none + ": expected a folder of images, got no such folder", error.getMessage());
    }
}
