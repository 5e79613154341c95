// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class PillowResizeTest {
    @Test
    void theSameSizeIsTheSameImage() {
        RgbImage image = grey(2, 2, 1, 2, 3, 4);
        assertSame(image, PillowResize.bicubic(image, 2, 2));
        assertSame(image, PillowResize.box(image, 2, 2));
    }

    @Test
    void boxHalvingTakesBlockMeansOfEachPassRounded() {
        // rows first: (0 + 1) / 2 rounds to 1, (4 + 6) / 2 = 5; then (1 + 5) / 2 = 3
        assertEquals(3, PillowResize.box(grey(2, 2, 0, 1, 4, 6), 1, 1).get(0, 0, 0));
    }

    @Test
    void aConstantImageStaysConstant() {
        RgbImage image = grey(7, 5, new int[35]);
        byte[] bytes = image.toBytes();
        Arrays.fill(bytes, (byte) 201);
        RgbImage constant = RgbImage.of(7, 5, bytes);
        for (byte value : PillowResize.bicubic(constant, 13, 3).toBytes()) {
            assertEquals((byte) 201, value);
        }
    }

    @Test
    void bicubicOvershootIsClipped() {
        RgbImage image = grey(4, 1, 0, 0, 255, 255);
        RgbImage wide = PillowResize.bicubic(image, 16, 1);
        assertEquals(0, wide.get(5, 0, 0));
        assertEquals(255, wide.get(10, 0, 0));
    }

    @Test
    void channelsDoNotMix() {
        RgbImage image = RgbImage.of(2, 1, new byte[] {10, 20, 30, 10, 20, 30});
        assertArrayEquals(
                new byte[] {10, 20, 30}, PillowResize.bicubic(image, 1, 1).toBytes());
    }

    @Test
    void emptyTargetsAreRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> PillowResize.box(grey(1, 1, 0), 0, 3))
                .getMessage();
        assertEquals("resize: expected sides of 1 or more, got 0x3", message);
    }

    private static RgbImage grey(int width, int height, int... values) {
        byte[] rgb = new byte[values.length * 3];
        for (int i = 0; i < rgb.length; i++) {
            rgb[i] = (byte) values[i / 3];
        }
        return RgbImage.of(width, height, rgb);
    }
}
