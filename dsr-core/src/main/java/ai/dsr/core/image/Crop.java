// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

/** The two square crops of latent diffusion training: the centre crop of ADM and a random window of a larger copy. */
public final class Crop {
    private static final int IMAGENET_SIDE = 256;
    private static final int IMAGENET_FIRST_CROP = 384;

    private Crop() {}

    /** The largest valid row and column of a window's upper left pixel; the smallest are 0. */
    public record OffsetRange(int maxTop, int maxLeft) {}

    /**
     * The centre {@code size x size} of the image after its shorter side was brought to {@code size}.
     *
     * <p>While the shorter side is at least twice the target both sides are halved with the box filter (odd sides are
     * rounded down); one bicubic step does the rest, also where it enlarges.
     */
    public static RgbImage center(RgbImage image, int size) {
        requireSize(size);
        RgbImage x = image;
        while (Math.min(x.width(), x.height()) >= 2L * size) {
            x = PillowResize.box(x, x.width() / 2, x.height() / 2);
        }
        double scale = (double) size / Math.min(x.width(), x.height());
        int width = (int) Math.rint(x.width() * scale); // rint: halves to even
        int height = (int) Math.rint(x.height() * scale);
        x = PillowResize.bicubic(x, width, height);
        return x.window((height - size) / 2, (width - size) / 2, size, size);
    }

    /** The side to which training images are resized before the window is cut: 384 for 256, else 1.5 times. */
    public static int firstCropSize(int size) {
        requireSize(size);
        return size == IMAGENET_SIDE ? IMAGENET_FIRST_CROP : (int) (1.5 * size);
    }

    /** The image with its shorter side at {@code side} (bicubic), the longer one in proportion, rounded down. */
    public static RgbImage shorterSideTo(RgbImage image, int side) {
        requireSize(side);
        return PillowResize.bicubic(
                image, scaled(image.width(), image.height(), side), scaled(image.height(), image.width(), side));
    }

    /** The offsets that {@link #window} accepts for an image of {@code width x height} pixels. */
    public static OffsetRange offsets(int width, int height, int size, int firstCropSize) {
        requireSize(size);
        if (firstCropSize < size) {
            throw new IllegalArgumentException(
                    "first_crop_size: expected at least the image size " + size + ", got " + firstCropSize);
        }
        return new OffsetRange(
                scaled(height, width, firstCropSize) - size, scaled(width, height, firstCropSize) - size);
    }

    /**
     * The {@code size x size} window at ({@code top}, {@code left}) of the image resized by {@link #shorterSideTo}.
     *
     * @throws IllegalArgumentException if the window leaves the resized image; {@link #offsets} has the bounds
     */
    public static RgbImage window(RgbImage image, int size, int firstCropSize, int top, int left) {
        OffsetRange range = offsets(image.width(), image.height(), size, firstCropSize);
        if (top < 0 || top > range.maxTop() || left < 0 || left > range.maxLeft()) {
            throw new IllegalArgumentException("window: expected top in 0.." + range.maxTop() + " and left in 0.."
                    + range.maxLeft() + ", got top " + top + ", left " + left);
        }
        return shorterSideTo(image, firstCropSize).window(top, left, size, size);
    }

    private static int scaled(int side, int other, int target) {
        return side <= other ? target : Math.toIntExact((long) target * side / other);
    }

    private static void requireSize(int size) {
        if (size < 1) {
            throw new IllegalArgumentException("size: expected 1 or more, got " + size);
        }
    }
}
