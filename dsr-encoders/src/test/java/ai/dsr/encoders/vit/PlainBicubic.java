// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

/** Bicubic interpolation in plain loops over doubles. */
final class PlainBicubic {
    private PlainBicubic() {}

    /** Bicubic resize of a square grid, rows then columns. */
    static double[][] resize(double[][] grid, int side, int h, int w, boolean antialias) {
        double[][] vertical = weights(side, h, antialias);
        double[][] horizontal = weights(side, w, antialias);
        double[][] out = new double[h * w][grid[0].length];
        for (int n = 0; n < h * w; n++) {
            for (int i = 0; i < side * side; i++) {
                double weight = vertical[n / w][i / side] * horizontal[n % w][i % side];
                for (int c = 0; c < out[n].length; c++) {
                    out[n][c] += weight * grid[i][c];
                }
            }
        }
        return out;
    }

    private static double[][] weights(int in, int out, boolean antialias) {
        double s = (double) in / out;
        double[][] weights = new double[out][in];
        for (int o = 0; o < out; o++) {
            if (antialias) {
                double c = (o + 0.5) * s;
                double q = Math.max(s, 1);
                double sum = 0;
                for (int i = (int) Math.max(c - 2 * q + 0.5, 0); i < (int) Math.min(c + 2 * q + 0.5, in); i++) {
                    weights[o][i] = cubic((i + 0.5 - c) / q, -0.5);
                    sum += weights[o][i];
                }
                for (int i = 0; i < in; i++) {
                    weights[o][i] /= sum;
                }
            } else {
                double x = (o + 0.5) * s - 0.5;
                int f = (int) Math.floor(x);
                for (int i = f - 1; i <= f + 2; i++) {
                    weights[o][Math.min(Math.max(i, 0), in - 1)] += cubic(x - i, -0.75);
                }
            }
        }
        return weights;
    }

    private static double cubic(double t, double a) {
        double x = Math.abs(t);
        return x < 1
                ? (a + 2) * x * x * x - (a + 3) * x * x + 1
                : x < 2 ? a * x * x * x - 5 * a * x * x + 8 * a * x - 4 * a : 0;
    }
}
