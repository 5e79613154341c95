// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import java.util.Arrays;

/** The formulas of paths, losses and token weights once more, one number at a time in float64, for tests. */
final class ScalarTransport {
    private static final double MIN = 0.1;
    private static final double MAX = 20;

    private ScalarTransport() {}

    /** Coefficients of a path at one time. */
    record Point(
            double t, double alpha, double alphaSlope, double sigma, double sigmaSlope, double rate, double variance) {
        static Point of(PathType path, double t) {
            double quarter = Math.PI / 2;
            return switch (path) {
                case LINEAR -> interpolant(t, 1 - t, -1, t, 1);
                case GVP ->
                    interpolant(
                            t,
                            Math.cos(quarter * t),
                            -quarter * Math.sin(quarter * t),
                            Math.sin(quarter * t),
                            quarter * Math.cos(quarter * t));
                case VP -> {
                    double s = 1 - t;
                    double log = -s * s * (MAX - MIN) / 4 - s * MIN / 2;
                    double logSlope = s * (MAX - MIN) / 2 + MIN / 2;
                    double beta = MIN + s * (MAX - MIN);
                    double alpha = Math.sqrt(1 - Math.exp(2 * log));
                    double alphaSlope = Math.exp(2 * log) * 2 * logSlope / (-2 * alpha);
                    double sigma = Math.exp(log);
                    yield new Point(t, alpha, alphaSlope, sigma, sigma * logSlope, -beta / 2, beta / 2);
                }
            };
        }

        private static Point interpolant(double t, double alpha, double alphaSlope, double sigma, double sigmaSlope) {
            double r = alphaSlope / alpha;
            return new Point(t, alpha, alphaSlope, sigma, sigmaSlope, -r, r * sigma * sigma - sigma * sigmaSlope);
        }

        double state(double x1, double x0) {
            return alpha * x1 + sigma * x0;
        }

        double velocity(double x1, double x0) {
            return alphaSlope * x1 + sigmaSlope * x0;
        }

        double loss(Prediction prediction, LossWeight weight, double o, double x1, double x0) {
            double w =
                    switch (weight) {
                        case NONE -> 1;
                        case VELOCITY -> Math.pow(variance / sigma, 2);
                        case LIKELIHOOD -> variance / (sigma * sigma);
                    };
            return switch (prediction) {
                case VELOCITY -> Math.pow(o - velocity(x1, x0), 2);
                case DATA -> Math.pow((state(x1, x0) - o) / Math.max(t, 0.05) - velocity(x1, x0), 2);
                case NOISE -> w * Math.pow(o - x0, 2);
                case SCORE -> w * Math.pow(sigma * o + x0, 2);
            };
        }

        double score(Prediction prediction, double o, double x) {
            double q = alpha / alphaSlope;
            return switch (prediction) {
                case VELOCITY -> (q * o - x) / (sigma * sigma - q * sigmaSlope * sigma);
                case SCORE -> o;
                case NOISE -> -o / sigma;
                case DATA -> -(x - alpha * o) / (sigma * sigma);
            };
        }

        double drift(Prediction prediction, double o, double x) {
            return switch (prediction) {
                case VELOCITY -> o;
                case DATA -> (x - o) / Math.max(t, 0.05);
                case NOISE, SCORE -> variance * score(prediction, o, x) - rate * x;
            };
        }
    }

    /** Weights of the tokens of some samples before their mean is made 1: {@code norms[b][n]} at times {@code t[b]}. */
    static double[][] weights(TokenWeighting options, double[][] norms, double[] t, double shift) {
        double e = options.eps();
        double[][] weights = new double[norms.length][norms[0].length];
        for (int b = 0; b < norms.length; b++) {
            double[] sorted = norms[b].clone();
            Arrays.sort(sorted);
            double median = Math.max(sorted[(sorted.length - 1) / 2], e);
            for (int n = 0; n < norms[b].length; n++) {
                double norm = norms[b][n];
                double w = options.tokenNormShift() ? shifted(options, Math.max(norm / median, e), t[b], shift) : 1;
                boolean isMasked = options.outlierTokenNorm() > 0 && !(0 <= norm && norm < options.outlierTokenNorm());
                weights[b][n] = isMasked ? 0 : w;
            }
        }
        return weights;
    }

    private static double shifted(TokenWeighting options, double a, double t, double shift) {
        double e = options.eps();
        double w = density(a * shift, t, e) / density(shift, t, e);
        if (options.logitNormalScheduler()) {
            double inner = clamp(t, e, 1 - e);
            double gain = logDensity(before(a * shift, inner, e), e) - logDensity(before(shift, inner, e), e);
            w *= Math.exp(clamp(gain, -10, 10));
        }
        return clamp(w, 0.1, 2);
    }

    private static double density(double b, double t, double e) {
        return b / Math.pow(Math.max(b - (b - 1) * t, e), 2);
    }

    private static double before(double b, double t, double e) {
        return clamp(t / Math.max(b - (b - 1) * t, e), e, 1 - e);
    }

    private static double logDensity(double u, double e) {
        double inner = clamp(u, e, 1 - e);
        double logit = Math.log(inner) - Math.log1p(-inner);
        return -0.5 * Math.log(2 * Math.PI) - logit * logit / 2 - Math.log(inner) - Math.log1p(-inner);
    }

    private static double clamp(double x, double low, double high) {
        return Math.min(Math.max(x, low), high);
    }
}
