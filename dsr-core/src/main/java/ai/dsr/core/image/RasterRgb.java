// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import java.awt.color.ColorSpace;
import java.awt.image.BufferedImage;
import java.awt.image.ColorModel;
import java.awt.image.ComponentColorModel;
import java.awt.image.DataBuffer;
import java.awt.image.Raster;

/**
 * Reads stored samples as RGB bytes without colour management.
 *
 * <p>{@link BufferedImage#getRGB} would bend grey values through a gamma curve and apply embedded profiles; training
 * pipelines in use elsewhere take the samples as they are, so component images are read band by band here.
 */
final class RasterRgb {
    private RasterRgb() {}

    static RgbImage convert(BufferedImage image) {
        int width = image.getWidth();
        int height = image.getHeight();
        byte[] rgb = new byte[Math.multiplyExact(Math.multiplyExact(width, height), RgbImage.CHANNELS)];
        int type = image.getRaster().getTransferType();
        if (hasPlainBands(image.getColorModel(), type)) {
            copyBands(image.getRaster(), type == DataBuffer.TYPE_USHORT ? 8 : 0, rgb);
        } else {
            copyPacked(image, rgb);
        }
        return RgbImage.wrap(width, height, rgb);
    }

    /** Whether bands are stored as whole red, green, blue or grey samples. */
    private static boolean hasPlainBands(ColorModel model, int transferType) {
        int space = model.getColorSpace().getType();
        return model instanceof ComponentColorModel
                && !model.isAlphaPremultiplied()
                && (transferType == DataBuffer.TYPE_BYTE || transferType == DataBuffer.TYPE_USHORT)
                && (space == ColorSpace.TYPE_RGB || space == ColorSpace.TYPE_GRAY);
    }

    private static void copyBands(Raster raster, int shift, byte[] rgb) {
        int width = raster.getWidth();
        int bands = raster.getNumBands();
        int green = bands >= RgbImage.CHANNELS ? 1 : 0; // one or two bands: grey, perhaps with alpha
        int blue = bands >= RgbImage.CHANNELS ? 2 : 0;
        int[] row = new int[width * bands];
        for (int y = 0, to = 0; y < raster.getHeight(); y++) {
            raster.getPixels(raster.getMinX(), raster.getMinY() + y, width, 1, row);
            for (int from = 0; from < row.length; from += bands, to += RgbImage.CHANNELS) {
                rgb[to] = (byte) (row[from] >> shift);
                rgb[to + 1] = (byte) (row[from + green] >> shift);
                rgb[to + 2] = (byte) (row[from + blue] >> shift);
            }
        }
    }

    private static void copyPacked(BufferedImage image, byte[] rgb) {
        int width = image.getWidth();
        int[] row = new int[width];
        for (int y = 0, to = 0; y < image.getHeight(); y++) {
            image.getRGB(0, y, width, 1, row, 0, width);
            for (int pixel : row) {
                rgb[to++] = (byte) (pixel >> 16);
                rgb[to++] = (byte) (pixel >> 8);
                rgb[to++] = (byte) pixel;
            }
        }
    }
}
