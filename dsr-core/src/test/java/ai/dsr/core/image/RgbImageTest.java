// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.awt.image.BufferedImage;
import org.junit.jupiter.api.Test;

class RgbImageTest {
    private static final RgbImage IMAGE = RgbImage.of(2, 2, new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, (byte) 200});

    @Test
    void aBufferedImageAndBackIsTheIdentity() {
        assertEquals(IMAGE, RgbImage.of(IMAGE.toBufferedImage()));
        assertEquals(IMAGE.hashCode(), RgbImage.of(IMAGE.toBufferedImage()).hashCode());
    }

    @Test
    void theArrayGivenIsCopied() {
        byte[] bytes = IMAGE.toBytes();
        RgbImage image = RgbImage.of(2, 2, bytes);
        bytes[0] = 99;
        assertEquals(1, image.get(0, 0, 0));
        assertEquals(200, image.get(1, 1, 2));
    }

    @Test
    void flippingMirrorsColumnsAndTwiceIsTheIdentity() {
        assertArrayEquals(
                new byte[] {4, 5, 6, 1, 2, 3, 10, 11, (byte) 200, 7, 8, 9},
                IMAGE.flipped().toBytes());
        assertEquals(IMAGE, IMAGE.flipped().flipped());
        assertNotEquals(IMAGE, IMAGE.flipped());
    }

    @Test
    void packedImagesLoseOnlyTheirAlpha() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_INT_ARGB);
        image.setRGB(0, 0, 0x10203040);
        assertArrayEquals(new byte[] {0x20, 0x30, 0x40}, RgbImage.of(image).toBytes());
    }

    @Test
    void greyValuesAreTakenAsStored() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_BYTE_GRAY);
        image.getRaster().setSample(0, 0, 0, 100);
        assertArrayEquals(new byte[] {100, 100, 100}, RgbImage.of(image).toBytes());
    }

    @Test
    void sixteenBitSamplesKeepTheirUpperByte() {
        BufferedImage image = new BufferedImage(1, 1, BufferedImage.TYPE_USHORT_GRAY);
        image.getRaster().setSample(0, 0, 0, 0x12FF);
        assertArrayEquals(new byte[] {0x12, 0x12, 0x12}, RgbImage.of(image).toBytes());
    }

    @Test
    void aWrongLengthIsRefused() {
        String message = assertThrows(IllegalArgumentException.class, () -> RgbImage.of(2, 1, new byte[5]))
                .getMessage();
        assertEquals("image: expected 6 bytes for 2x1 RGB, got 5", message);
        assertThrows(IllegalArgumentException.class, () -> RgbImage.of(0, 1, new byte[0]));
    }

    @Test
    void windowsMustLieInside() {
        assertArrayEquals(new byte[] {4, 5, 6}, IMAGE.window(0, 1, 1, 1).toBytes());
        assertThrows(IllegalArgumentException.class, () -> IMAGE.window(1, 1, 2, 1));
    }
}
