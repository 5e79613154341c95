// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;

/** Integrates {@code dx/dt = f(x, t)} along a grid of times; stateless. */
public sealed interface OdeSolver permits RungeKuttaOde, AdamsBashforthOde, AdaptiveOde {
    /**
     * Walks from the first time of the grid to the last.
     *
     * <p>Arrays made by the field are freed after each step, and at most a few states exist at a time.
     *
     * @param field the right-hand side
     * @param x state at the first time, of any shape; left as it is
     * @param grid the times, rising or falling
     * @param listener called at each further time of the grid
     */
    Solution solve(VectorField field, NDArray x, TimeGrid grid, StepListener listener);

    /**
     * The solver of a method.
     *
     * @param atol absolute tolerance, used by adaptive methods alone
     * @param rtol relative tolerance, used by adaptive methods alone
     * @throws IllegalArgumentException for {@link OdeMethod#DPMPP_2M}, which needs more of a model than its slope
     */
    static OdeSolver of(OdeMethod method, double atol, double rtol) {
        if (method.isAdaptive()) {
            return new AdaptiveOde(method, atol, rtol);
        }
        return method == OdeMethod.AB2 ? new AdamsBashforthOde() : RungeKuttaOde.of(method);
    }
}
