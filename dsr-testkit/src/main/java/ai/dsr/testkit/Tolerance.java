// SPDX-License-Identifier: Apache-2.0
package ai.dsr.testkit;

/**
 * The allowed error of one output: {@code |got - want| <= atol + rtol * |want|} for every element.
 *
 * @param atol absolute part, not negative
 * @param rtol part relative to the expected value, not negative
 */
public record Tolerance(double atol, double rtol) {
    /** Exact equality, as for integers. */
    public static final Tolerance EXACT = new Tolerance(0, 0);

    /** Rejects negative and non-finite parts. */
    public Tolerance {
        if (!(atol >= 0 && atol < Double.POSITIVE_INFINITY && rtol >= 0 && rtol < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(
                    "tolerance: expected finite, non-negative atol and rtol, got " + atol + " and " + rtol);
        }
    }
}
