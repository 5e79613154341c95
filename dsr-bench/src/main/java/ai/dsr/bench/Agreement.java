// SPDX-License-Identifier: Apache-2.0
package ai.dsr.bench;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;

/** The check before a measurement: both ways give the same numbers. */
final class Agreement {
    private Agreement() {}

    /**
     * Compares two float32 arrays of one shape.
     *
     * @param tolerance largest difference, relative to the largest magnitude of the baseline
     * @throws IllegalStateException if they differ by more, or in shape
     */
    static void require(String what, NDArray baseline, NDArray subject, double tolerance) {
        if (!baseline.getShape().equals(subject.getShape())) {
            throw new IllegalStateException(
                    what + ": expected " + baseline.getShape() + " as the baseline, got " + subject.getShape());
        }
        float difference = baseline.sub(subject).abs().max().getFloat();
        float scale = baseline.abs().max().getFloat();
        if (!(difference <= tolerance * scale)) {
            throw new IllegalStateException(
                    what + ": expected a relative difference of at most " + tolerance + ", got " + difference / scale);
        }
    }

    /** Compares lists, array by array. */
    static void require(String what, NDList baseline, NDList subject, double tolerance) {
        for (int i = 0; i < baseline.size(); i++) {
            require(what + " " + i, baseline.get(i), subject.get(i), tolerance);
        }
    }
}
