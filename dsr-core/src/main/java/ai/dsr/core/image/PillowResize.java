// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.image;

import java.util.Arrays;

/**
 * Antialiased 8-bit resampling with the integer arithmetic of Pillow up to version 12.
 *
 * <p>Two passes, columns first and always over all rows, each rounded to bytes; a side that keeps its size is skipped.
 * Weights are normalised in double and then held with 22 fractional bits, so results agree to the last bit.
 */
public final class PillowResize {
    private static final int FRACTION_BITS = 22; // 32 bits less 8 of the sample and 2 of head room for overshoot
    private static final int HALF = 1 << (FRACTION_BITS - 1);

    private PillowResize() {}

    /** Resizes with the cubic convolution kernel of a = -0.5 (support 2). */
    public static RgbImage bicubic(RgbImage image, int width, int height) {
        return resize(image, width, height, Filter.BICUBIC);
    }

    /** Resizes with the box kernel (support 0.5): block means where the ratio is whole. */
    public static RgbImage box(RgbImage image, int width, int height) {
        return resize(image, width, height, Filter.BOX);
    }

    private static RgbImage resize(RgbImage image, int width, int height, Filter filter) {
        if (width < 1 || height < 1) {
            throw new IllegalArgumentException("resize: expected sides of 1 or more, got " + width + "x" + height);
        }
        RgbImage result = image;
        if (width != image.width()) {
            byte[] out = columns(image, Taps.of(image.width(), width, filter));
            result = RgbImage.wrap(width, image.height(), out);
        }
        if (height != image.height()) {
            byte[] out = rows(result, Taps.of(image.height(), height, filter));
            result = RgbImage.wrap(width, height, out);
        }
        return result;
    }

    private static byte[] columns(RgbImage image, Taps taps) {
        byte[] in = image.raw();
        int outWidth = taps.first.length;
        byte[] out = new byte[Math.multiplyExact(outWidth * RgbImage.CHANNELS, image.height())];
        for (int y = 0, to = 0; y < image.height(); y++) {
            int row = y * image.width() * RgbImage.CHANNELS;
            for (int x = 0; x < outWidth; x++, to += RgbImage.CHANNELS) {
                int from = row + taps.first[x] * RgbImage.CHANNELS;
                int red = HALF;
                int green = HALF;
                int blue = HALF;
                for (int weight : taps.weights[x]) {
                    red += (in[from] & 0xFF) * weight;
                    green += (in[from + 1] & 0xFF) * weight;
                    blue += (in[from + 2] & 0xFF) * weight;
                    from += RgbImage.CHANNELS;
                }
                out[to] = clip(red);
                out[to + 1] = clip(green);
                out[to + 2] = clip(blue);
            }
        }
        return out;
    }

    private static byte[] rows(RgbImage image, Taps taps) {
        byte[] in = image.raw();
        int row = image.width() * RgbImage.CHANNELS;
        byte[] out = new byte[Math.multiplyExact(row, taps.first.length)];
        int[] sums = new int[row];
        for (int y = 0; y < taps.first.length; y++) {
            Arrays.fill(sums, HALF);
            int from = taps.first[y] * row;
            for (int weight : taps.weights[y]) {
                for (int i = 0; i < row; i++) {
                    sums[i] += (in[from + i] & 0xFF) * weight;
                }
                from += row;
            }
            for (int i = 0, to = y * row; i < row; i++) {
                out[to + i] = clip(sums[i]);
            }
        }
        return out;
    }

    private static byte clip(int sum) {
        return (byte) Math.max(0, Math.min(255, sum >> FRACTION_BITS));
    }

    private enum Filter {
        BICUBIC(2.0) {
            @Override
            double at(double distance) {
                double x = Math.abs(distance);
                if (x < 1.0) {
                    return ((A + 2.0) * x - (A + 3.0)) * x * x + 1.0;
                }
                return x < 2.0 ? (((x - 5.0) * x + 8.0) * x - 4.0) * A : 0.0;
            }
        },
        BOX(0.5) {
            @Override
            double at(double distance) {
                return distance > -0.5 && distance <= 0.5 ? 1.0 : 0.0;
            }
        };

        private static final double A = -0.5;

        private final double support;

        Filter(double support) {
            this.support = support;
        }

        abstract double at(double distance);
    }

    /** For each output position the first input position and the fixed-point weights from there on. */
    private static final class Taps {
        private final int[] first;
        private final int[][] weights;

        private Taps(int size) {
            first = new int[size];
            weights = new int[size][];
        }

        static Taps of(int in, int out, Filter filter) {
            double ratio = (double) in / out;
            double scale = Math.max(1.0, ratio);
            double support = filter.support * scale;
            double inverse = 1.0 / scale;
            Taps taps = new Taps(out);
            for (int i = 0; i < out; i++) {
                double centre = (i + 0.5) * ratio;
                int begin = Math.max(0, (int) (centre - support + 0.5));
                int end = Math.min(in, (int) (centre + support + 0.5));
                double[] weights = new double[end - begin];
                double sum = 0.0;
                for (int k = 0; k < weights.length; k++) {
                    weights[k] = filter.at((k + begin - centre + 0.5) * inverse);
                    sum += weights[k];
                }
                taps.first[i] = begin;
                taps.weights[i] = fixedPoint(weights, sum);
            }
            return taps;
        }

        private static int[] fixedPoint(double[] weights, double sum) {
            int[] fixed = new int[weights.length];
            for (int k = 0; k < fixed.length; k++) {
                double scaled = (sum == 0.0 ? weights[k] : weights[k] / sum) * (1 << FRACTION_BITS);
                fixed[k] = (int) (scaled < 0 ? scaled - 0.5 : scaled + 0.5); // half away from zero
            }
            return fixed;
        }
    }
}
