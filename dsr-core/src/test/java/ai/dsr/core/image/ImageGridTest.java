// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class ImageGridTest {
    private static final RgbImage RED = RgbImage.of(2, 1, new byte[] {(byte) 255, 0, 0, 0, 0, (byte) 255});

    @Test
    void pixelsAreEnlargedByAWholeFactorWithoutBlending() {
        RgbImage grid = ImageGrid.of(List.of(RED), 1).withFactor(3).render();
        assertEquals(6 + 6 + 6, grid.width());
        assertEquals(6 + 3 + 6, grid.height());
        assertEquals(255, grid.get(6, 6, 0));
        assertEquals(255, grid.get(8, 8, 0));
        assertEquals(0, grid.get(9, 8, 0));
        assertEquals(255, grid.get(9, 8, 2));
        assertEquals(255, grid.get(5, 5, 1));
    }

    @Test
    void smallImagesAreEnlargedToAReadableSize() {
        RgbImage tile = RgbImage.of(64, 64, new byte[64 * 64 * 3]);
        RgbImage grid = ImageGrid.of(List.of(tile, tile, tile), 2).render();
        assertEquals(6 + 2 * (128 + 6), grid.width());
        assertEquals(6 + 2 * (128 + 6), grid.height());
    }

    @Test
    void labelsAndTitleAddRoomAndInk() {
        RgbImage tile = RgbImage.of(64, 64, new byte[64 * 64 * 3]);
        ImageGrid plain = ImageGrid.of(List.of(tile, tile), 2);
        RgbImage labelled = plain.withLabels(List.of("red apple, noto style", "a very long caption that wraps"))
                .withTitle("step 100")
                .render();
        assertEquals(plain.render().width(), labelled.width());
        assertTrue(labelled.height() > plain.render().height() + 30);
        assertTrue(darkPixels(labelled, 0, 24) > 20, "title");
        assertTrue(darkPixels(labelled, labelled.height() - 40, labelled.height()) > 20, "labels");
    }

    @Test
    void aLabelIsNeededForEachImage() {
        String message = assertThrows(IllegalArgumentException.class, () -> ImageGrid.of(List.of(RED, RED), 2)
                        .withLabels(List.of("one")))
                .getMessage();
        assertEquals("labels: expected one for each of 2 images, got 1", message);
        assertThrows(IllegalArgumentException.class, () -> ImageGrid.of(List.of(), 2));
        assertThrows(IllegalArgumentException.class, () -> ImageGrid.of(List.of(RED), 0));
        assertThrows(IllegalArgumentException.class, () -> ImageGrid.of(List.of(RED), 1)
                .withFactor(0));
    }

    private static int darkPixels(RgbImage image, int fromRow, int toRow) {
        int dark = 0;
        for (int y = fromRow; y < toRow; y++) {
            for (int x = 0; x < image.width(); x++) {
                dark += image.get(x, y, 0) < 128 ? 1 : 0;
            }
        }
        return dark;
    }
}
