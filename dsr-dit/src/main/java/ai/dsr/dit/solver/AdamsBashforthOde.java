// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.TensorScope;

/**
 * Adams and Bashforth's method of two steps, on a grid of any spacing: second order for one evaluation a step.
 *
 * <p>With {@code w} the length of this step over that of the one before, {@code x + h ((1 + w/2) f_n - w/2 f_(n-1))}. The
 * first step, which has no other before it, is Euler's: its error is of second order and made once.
 */
public final class AdamsBashforthOde implements OdeSolver {
    @Override
    public Solution solve(VectorField field, NDArray x, TimeGrid grid, StepListener listener) {
        int steps = grid.intervals();
        try (TensorScope run = TensorScope.under(x.getManager())) {
            NDArray state = TensorScope.view(x, run.manager());
            NDArray before = null;
            for (int i = 0; i < steps; i++) {
                NDArray next;
                NDArray slope;
                try (TensorScope step = TensorScope.under(run.manager())) {
                    NDArray here = TensorScope.view(state, step.manager());
                    slope = run.borrow(field.at(here, grid.at(i)));
                    next = step.keep(before == null ? euler(here, slope, grid) : advance(here, slope, before, grid, i));
                }
                state.close();
                state = next;
                if (before != null) {
                    before.close();
                }
                before = slope;
                States.report(listener, i + 1, steps, grid.at(i + 1), state);
            }
            return new Solution(run.keep(state), steps);
        }
    }

    private static NDArray euler(NDArray x, NDArray slope, TimeGrid grid) {
        return States.advance(x, new NDArray[] {slope}, new double[] {1}, grid.step(0));
    }

    private static NDArray advance(NDArray x, NDArray slope, NDArray before, TimeGrid grid, int i) {
        double half = 0.5 * grid.step(i) / grid.step(i - 1);
        return States.advance(x, new NDArray[] {slope, before}, new double[] {1 + half, -half}, grid.step(i));
    }
}
