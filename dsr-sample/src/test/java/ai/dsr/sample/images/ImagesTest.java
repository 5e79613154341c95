// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.images;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.image.RgbImage;
import ai.dsr.sample.TinyProject;
import ai.dsr.testkit.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ImagesTest {
    @Test
    void picturesSurviveTheWayToTensorsAndBack(NDManager manager) {
        List<RgbImage> images = List.of(TinyProject.image(1), TinyProject.image(2));
        NDArray tensor = Images.toTensor(manager, images);
        assertEquals(new Shape(2, 3, 28, 28), tensor.getShape());
        assertEquals(images.get(1).get(5, 9, 2) / 255f, tensor.getFloat(1, 2, 9, 5));
        assertEquals(images, Images.toImages(tensor));
    }

    @Test
    void valuesAreClampedAndCutOffRatherThanRounded(NDManager manager) {
        NDArray tensor = manager.create(new float[] {-1, 0.5f, 2, 0.999f, 1, 0.00391f}, new Shape(1, 3, 1, 2));
        byte[] bytes = Images.toImages(tensor).get(0).toBytes(); // pixel by pixel, colours together
        assertArrayEquals(new byte[] {0, (byte) 255, (byte) 255, 127, (byte) 254, 0}, bytes);
    }

    @Test
    void imagesOfDifferentSizesAreRefused(NDManager manager) {
        List<RgbImage> images = List.of(RgbImage.of(1, 2, new byte[6]), RgbImage.of(2, 1, new byte[6]));
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> Images.toTensor(manager, images));
        assertEquals("images: expected all of 1x2, got 2x1", error.getMessage());
    }

    @Test
    void noiseOfATenthOfTheRangeIsTwentyDecibels(NDManager manager) {
        NDArray originals = manager.full(new Shape(2, 3, 4, 4), 0.5f);
        assertEquals(20, ImageQuality.psnr(originals.add(0.1f), originals), 1e-4);
        assertEquals(100, ImageQuality.psnr(originals, originals), 1e-4);
        NDArray white = originals.onesLike();
        assertEquals(100, ImageQuality.psnr(white.mul(3), white), 1e-4); // clamped first
    }
}
