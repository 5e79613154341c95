// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import java.awt.image.BufferedImage;
import java.util.Arrays;

/** An immutable 8-bit RGB image, {@code (H, W, 3)} row-major. */
public final class RgbImage {
    /** Bytes of a pixel. */
    public static final int CHANNELS = 3;

    private final int width;
    private final int height;
    private final byte[] data;

    private RgbImage(int width, int height, byte[] data) {
        this.width = width;
        this.height = height;
        this.data = data;
    }

    /**
     * Copies unsigned bytes {@code (H, W, 3)} into an image.
     *
     * @throws IllegalArgumentException if a side is not positive or the array has another length
     */
    public static RgbImage of(int width, int height, byte[] rgb) {
        return wrap(width, height, rgb.clone());
    }

    /** Converts any buffered image: grey repeated, alpha dropped (not composited), 16 bits cut to the upper 8. */
    public static RgbImage of(BufferedImage image) {
        return RasterRgb.convert(image);
    }

    /** Takes ownership of the array: the caller must not keep it. */
    static RgbImage wrap(int width, int height, byte[] rgb) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("image: expected sides of 1 or more, got " + width + "x" + height);
        }
        if (rgb.length != (long) width * height * CHANNELS) {
            throw new IllegalArgumentException("image: expected " + (long) width * height * CHANNELS + " bytes for "
                    + width + "x" + height + " RGB, got " + rgb.length);
        }
        return new RgbImage(width, height, rgb);
    }

    /** Columns. */
    public int width() {
        return width;
    }

    /** Rows. */
    public int height() {
        return height;
    }

    /** A copy of the unsigned bytes {@code (H, W, 3)}. */
    public byte[] toBytes() {
        return data.clone();
    }

    /** Copies the unsigned bytes {@code (H, W, 3)} into {@code target} from {@code offset}. */
    public void copyTo(byte[] target, int offset) {
        System.arraycopy(data, 0, target, offset, data.length);
    }

    /** The value 0..255 of channel 0 (red), 1 (green) or 2 (blue) at column x and row y. */
    public int get(int x, int y, int channel) {
        return data[(y * width + x) * CHANNELS + channel] & 0xFF;
    }

    /** The image as {@link BufferedImage#TYPE_3BYTE_BGR}. */
    public BufferedImage toBufferedImage() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
        image.getRaster().setDataElements(0, 0, width, height, data);
        return image;
    }

    /** The image mirrored left-right. */
    public RgbImage flipped() {
        byte[] mirrored = new byte[data.length];
        for (int y = 0; y < height; y++) {
            int from = y * width * CHANNELS;
            int to = from + (width - 1) * CHANNELS;
            for (int x = 0; x < width; x++, from += CHANNELS, to -= CHANNELS) {
                mirrored[to] = data[from];
                mirrored[to + 1] = data[from + 1];
                mirrored[to + 2] = data[from + 2];
            }
        }
        return new RgbImage(width, height, mirrored);
    }

    /** The {@code cropWidth x cropHeight} window whose upper left pixel is column {@code left} of row {@code top}. */
    public RgbImage window(int top, int left, int cropWidth, int cropHeight) {
        boolean inside = top >= 0 && left >= 0 && cropWidth >= 1 && cropHeight >= 1;
        if (!inside || top > height - cropHeight || left > width - cropWidth) {
            throw new IllegalArgumentException("window: expected a part of " + width + "x" + height + ", got "
                    + cropWidth + "x" + cropHeight + " at row " + top + ", column " + left);
        }
        byte[] cut = new byte[cropWidth * cropHeight * CHANNELS];
        int row = cropWidth * CHANNELS;
        for (int y = 0; y < cropHeight; y++) {
            System.arraycopy(data, ((top + y) * width + left) * CHANNELS, cut, y * row, row);
        }
        return new RgbImage(cropWidth, cropHeight, cut);
    }

    /** The backing array, for this package's own loops, which do not write to it. */
    byte[] raw() {
        return data;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof RgbImage image
                && image.width == width
                && image.height == height
                && Arrays.equals(image.data, data);
    }

    @Override
    public int hashCode() {
        return 31 * (31 * width + height) + Arrays.hashCode(data);
    }

    @Override
    public String toString() {
        return "RgbImage " + width + "x" + height;
    }
}
