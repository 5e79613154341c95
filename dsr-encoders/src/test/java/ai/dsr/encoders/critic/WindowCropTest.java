// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

class WindowCropTest {
    @Test
    void theFewestWindowsCoverTheImage() {
        List<WindowCrop> windows = WindowCrop.catalogue(40, 16, 16, 3);
        assertEquals(List.of(new WindowCrop(0, 0), new WindowCrop(12, 0), new WindowCrop(24, 0)), windows);
    }

    @Test
    void windowsLieInsideAndCoverEveryPixel() {
        for (int size = 5; size < 24; size++) {
            boolean[][] covered = new boolean[size][size];
            for (WindowCrop window : WindowCrop.catalogue(size, size, 5, 30)) {
                for (int i = 0; i < 25; i++) {
                    covered[window.top() + i / 5][window.left() + i % 5] = true;
                }
            }
            for (boolean[] row : covered) {
                for (boolean pixel : row) {
                    assertTrue(pixel);
                }
            }
        }
    }

    @Test
    void aDenserGridFillsUpAndThenRepeatsOnce() {
        assertEquals(2, WindowCrop.catalogue(16, 16, 16, 9).size()); // the one window, and the dense grid of one
        assertEquals(8, WindowCrop.catalogue(17, 17, 16, 9).size()); // there are four places for it
        assertEquals(4, WindowCrop.catalogue(17, 17, 16, 9).stream().distinct().count());
    }

    @Test
    void impossibleCatalogsAreRefused() {
        assertEquals(
                "num_windows: expected at least 4 to cover 20x20, got 3",
                assertThrows(IllegalArgumentException.class, () -> WindowCrop.catalogue(20, 20, 16, 3))
                        .getMessage());
        assertEquals(
                "crop: expected 1 to 20 for 30x20, got 21",
                assertThrows(IllegalArgumentException.class, () -> WindowCrop.catalogue(30, 20, 21, 3))
                        .getMessage());
    }
}
