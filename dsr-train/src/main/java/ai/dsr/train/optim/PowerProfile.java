// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import java.util.Locale;

/**
 * The power-function profile of an average: after step t the weights of step i count for {@code (i^(g+1) -
 * (i-1)^(g+1)) / t^(g+1)}, the integral of {@code (g+1) tau^g / t^(g+1)} over step i (Karras et al.,
 * 2024, section 3.1).
 *
 * <p>Its length is the standard deviation of the profile over t, so an average of length 0.1 looks back over about a tenth
 * of the training, however long that is.
 *
 * @param length relative width
 * @param exponent g
 */
public record PowerProfile(double length, double exponent) {
    /** The width of a flat profile, whose exponent is 0. */
    static final double MAX_LENGTH = 0.288;

    private static final double MIN_LENGTH = 1e-3;
    private static final double MAX_EXPONENT = 1.0 / MIN_LENGTH;
    private static final int BISECTIONS = 200;

    /**
     * The profile of a relative width.
     *
     * @throws IllegalArgumentException if no exponent of 0 or more gives it
     */
    public static PowerProfile ofLength(double length) {
        if (!(length >= MIN_LENGTH && length <= MAX_LENGTH)) {
            throw new IllegalArgumentException(String.format(
                    Locale.ROOT, "lengths: expected widths of %s to %s, got %s", MIN_LENGTH, MAX_LENGTH, length));
        }
        double low = 0;
        double high = MAX_EXPONENT;
        for (int i = 0; i < BISECTIONS; i++) { // the width falls with the exponent
            double middle = (low + high) / 2;
            if (width(middle) > length) {
                low = middle;
            } else {
                high = middle;
            }
        }
        return new PowerProfile(length, (low + high) / 2);
    }

    /** {@code sqrt((g + 1) / ((g + 2)^2 (g + 3)))}, the standard deviation of the profile on [0, 1]. */
    private static double width(double g) {
        return Math.sqrt((g + 1) / (g + 3)) / (g + 2);
    }

    /** The decay {@code (1 - 1/t)^(g+1)} of the update after step {@code t}, from 1; 0 forgets the initial weights. */
    public double decay(long t) {
        return Math.pow(1 - 1.0 / t, exponent + 1);
    }

    /** What step {@code i} of 1 .. {@code t} counts for after step {@code t}. */
    public double weight(long i, long t) {
        double p = exponent + 1;
        return -Math.pow((double) i / t, p) * Math.expm1(p * Math.log1p(-1.0 / i));
    }

    /** The name of the average in files. */
    public String label() {
        return "power-" + length;
    }
}
