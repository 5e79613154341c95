// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.core.image.RgbImage;

/** A grid of numbers as a picture, one pixel a number, dark to light; marked cells are red. */
public final class HeatMap {
    /** Colours at equal steps, dark violet to yellow: lightness grows evenly, so print and colour blindness keep order. */
    private static final int[] SCALE = {
        0x440154, 0x482878, 0x3e4a89, 0x31688e, 0x26828e, 0x1f9e89, 0x35b779, 0x6ece58, 0xb5de2b, 0xfde725
    };

    private static final int MARK = 0xff2d20;

    private HeatMap() {}

    /**
     * Draws values row by row.
     *
     * @param low the value of the darkest colour
     * @param high the value of the lightest colour
     * @param marked cells to draw red, or null
     */
    public static RgbImage of(float[] values, int height, int width, double low, double high, boolean[] marked) {
        byte[] rgb = new byte[values.length * RgbImage.CHANNELS];
        for (int i = 0; i < values.length; i++) {
            int color = marked != null && marked[i] ? MARK : color((values[i] - low) / Math.max(high - low, 1e-12));
            rgb[3 * i] = (byte) (color >> 16);
            rgb[3 * i + 1] = (byte) (color >> 8);
            rgb[3 * i + 2] = (byte) color;
        }
        return RgbImage.of(width, height, rgb);
    }

    /** The colour {@code 0xRRGGBB} of a share from 0 to 1; others are clamped. */
    static int color(double share) {
        double at = Math.min(Math.max(share, 0), 1) * (SCALE.length - 1);
        int index = Math.min((int) at, SCALE.length - 2);
        double t = at - index;
        int color = 0;
        for (int shift = 16; shift >= 0; shift -= 8) {
            int a = SCALE[index] >> shift & 0xff;
            int b = SCALE[index + 1] >> shift & 0xff;
            color |= (int) Math.round(a + t * (b - a)) << shift;
        }
        return color;
    }
}
