// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

import ai.djl.ndarray.NDArray;

/** Assertions on tensors for ordinary tests; stored cases go through {@link Checker}. */
public final class TensorAssert {
    private TensorAssert() {}

    /**
     * Fails unless shapes are equal, types are of one class (floating, integer, boolean) and every element satisfies
     * {@code |got - want| <= atol + rtol * |want|}. The message names the worst element and its index.
     */
    public static void assertClose(NDArray want, NDArray got, double atol, double rtol) {
        Comparison comparison = Comparison.of(want, got, new Tolerance(atol, rtol));
        if (!comparison.isClose()) {
            throw new AssertionError("tensor: " + comparison.problem());
        }
    }

    /** Fails unless shape, class of type and every value are equal; NaN equals NaN. */
    public static void assertSame(NDArray want, NDArray got) {
        assertClose(want, got, 0, 0);
    }
}
