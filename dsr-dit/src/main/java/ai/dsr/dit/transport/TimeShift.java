// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;

/**
 * The shift {@code s t / (1 + (s - 1) t)} towards noise, by which latents of many dimensions are trained and sampled at
 * about the signal-to-noise ratios of a base dimension (Esser et al., 2024; Zheng et al., 2025).
 */
public final class TimeShift {
    private TimeShift() {}

    /**
     * The factor for latents of {@code dimension} numbers: {@code sqrt(dimension / base)}.
     *
     * @throws IllegalArgumentException if that is less than 1
     */
    public static double factor(double dimension, double base) {
        return require(Math.sqrt(dimension / base));
    }

    /** Shifts times of any shape. */
    public static NDArray apply(NDArray t, double shift) {
        return t.mul(shift).div(t.mul(shift - 1).add(1));
    }

    /** Shifts one time, in float32. */
    public static float apply(float t, double shift) {
        return (float) shift * t / (1 + (float) (shift - 1) * t);
    }

    static double require(double shift) {
        if (!(shift >= 1) || Double.isInfinite(shift)) {
            throw new IllegalArgumentException("time_dist_shift: expected a number >= 1, got " + shift);
        }
        return shift;
    }
}
