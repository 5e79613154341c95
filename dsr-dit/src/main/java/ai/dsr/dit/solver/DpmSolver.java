// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.EngineArray;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.transport.ProbabilityPath;

/**
 * DPM-Solver++(2M) (Lu et al., 2022, algorithm 2) for the paths of this library: second order for one evaluation a step.
 *
 * <p>The linear part of the flow is solved exactly, the predicted data is extrapolated in {@code lambda = log(alpha /
 * sigma)} from the last two steps: with {@code h} the growth of lambda, {@code x = (sigma / sigma_s) x_s + (alpha - sigma
 * alpha_s / sigma_s) (D_n + h / (2 h_before) (D_n - D_(n-1)))}. Written like this it needs no care where no data is left
 * (alpha = 0) or no noise (sigma = 0). The first step and the last are of first order, the last because lambda grows
 * without bound towards the data. Predicted data enters as it is, so the floor {@code t_eps} plays no part.
 */
final class DpmSolver {
    private DpmSolver() {}

    /** Walks a falling grid from its first time to its last. */
    static Solution solve(ModelField field, NDArray x, TimeGrid grid, StepListener listener) {
        int steps = grid.intervals();
        try (TensorScope run = TensorScope.under(x.getManager())) {
            Schedule schedule = Schedule.of(field.transport().path(), grid, run);
            NDArray state = TensorScope.view(x, run.manager());
            NDArray before = null;
            for (int i = 0; i < steps; i++) {
                NDArray next;
                NDArray data;
                try (TensorScope step = TensorScope.under(run.manager())) {
                    NDArray here = TensorScope.view(state, step.manager());
                    data = run.borrow(field.data(here, grid.at(i)));
                    NDArray ahead = data;
                    if (before != null && i < steps - 1) {
                        ahead = data.add(data.sub(before).mul(schedule.extrapolation(i)));
                    }
                    next = step.keep(here.mul(schedule.stateFactor(i)).add(ahead.mul(schedule.dataFactor(i))));
                }
                state.close();
                state = next;
                if (before != null) {
                    before.close();
                }
                before = data;
                States.report(listener, i + 1, steps, grid.at(i + 1), state);
            }
            return new Solution(run.keep(state), field.evaluations());
        }
    }

    /** Coefficients of the path at the times of the grid. */
    private static final class Schedule {
        private final float[] alpha;
        private final float[] sigma;

        private Schedule(float[] alpha, float[] sigma) {
            this.alpha = alpha;
            this.sigma = sigma;
        }

        static Schedule of(ProbabilityPath path, TimeGrid grid, TensorScope run) {
            try (TensorScope scope = TensorScope.under(run.manager())) {
                NDArray t = EngineArray.of(scope.manager(), grid.toArray());
                // On the GVP path rounding makes alpha slightly negative at the noise end.
                return new Schedule(
                        path.alpha(t).maximum(0f).toFloatArray(), path.sigma(t).toFloatArray());
            }
        }

        double stateFactor(int i) {
            return (double) sigma[i + 1] / sigma[i];
        }

        double dataFactor(int i) {
            return alpha[i + 1] - stateFactor(i) * alpha[i];
        }

        /** Half the growth of lambda in this step over that in the one before; 0 after a step from pure noise. */
        double extrapolation(int i) {
            return 0.5 * (lambda(i + 1) - lambda(i)) / (lambda(i) - lambda(i - 1));
        }

        private double lambda(int i) {
            return Math.log((double) alpha[i] / sigma[i]);
        }
    }
}
