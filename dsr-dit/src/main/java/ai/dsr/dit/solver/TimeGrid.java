// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.dsr.dit.transport.TimeInterval;
import ai.dsr.dit.transport.TimeShift;

/**
 * The times a solver visits, in order, as float32.
 *
 * <p>A grid of {@code num_steps} points has {@code num_steps - 1} intervals: "50 steps" are 49 Euler evaluations.
 */
public final class TimeGrid {
    private final float[] times;

    private TimeGrid(float... times) {
        this.times = times;
    }

    /**
     * Falls from {@code 1 - start} to {@code 1 - end} of the interval in equal parts, then shifted.
     *
     * @param points number of times, at least 2
     * @param shift see {@link TimeShift}; 1 is none
     */
    public static TimeGrid falling(TimeInterval interval, int points, double shift) {
        if (points < 2) {
            throw new IllegalArgumentException("num_steps: expected 2 or more, got " + points);
        }
        float start = (float) interval.start();
        float end = (float) interval.end();
        float width = (end - start) / (points - 1);
        float[] times = new float[points];
        for (int i = 0; i < points; i++) {
            // From the nearer end, so that both ends are exact.
            float tau = i < points / 2 ? start + width * i : end - width * (points - 1 - i);
            times[i] = TimeShift.apply(1 - tau, shift);
        }
        return of(times);
    }

    /**
     * The given times.
     *
     * @throws IllegalArgumentException unless they are at least 2, and rise or fall strictly
     */
    public static TimeGrid of(float... times) {
        if (times.length < 2) {
            throw new IllegalArgumentException("num_steps: expected 2 or more, got " + times.length);
        }
        float direction = Math.signum(times[1] - times[0]);
        for (int i = 1; i < times.length; i++) {
            if (!((times[i] - times[i - 1]) * direction > 0)) {
                throw new IllegalArgumentException("times: expected strictly rising or falling ones, got "
                        + times[i - 1] + " and then " + times[i]);
            }
        }
        return new TimeGrid(times.clone());
    }

    /** The same times in the opposite order. */
    public TimeGrid reversed() {
        float[] other = new float[times.length];
        for (int i = 0; i < times.length; i++) {
            other[i] = times[times.length - 1 - i];
        }
        return new TimeGrid(other);
    }

    /** Number of times. */
    public int size() {
        return times.length;
    }

    /** Number of intervals, one less than times. */
    public int intervals() {
        return times.length - 1;
    }

    /** Time number {@code i}, from 0. */
    public float at(int i) {
        return times[i];
    }

    /** Length of interval {@code i}, negative on a falling grid. */
    public float step(int i) {
        return times[i + 1] - times[i];
    }

    /** Whether time rises, from data to noise. */
    public boolean isRising() {
        return times[1] > times[0];
    }

    /** A copy of the times. */
    public float[] toArray() {
        return times.clone();
    }
}
