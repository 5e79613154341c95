// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.TensorScope;

/** Explicit Runge-Kutta methods with one step for each interval of the grid, each written as its Butcher tableau. */
public final class RungeKuttaOde implements OdeSolver {
    private final double[] nodes;
    private final double[][] rows;
    private final double[] weights;

    private RungeKuttaOde(double[] nodes, double[][] rows, double[] weights) {
        this.nodes = nodes;
        this.rows = rows;
        this.weights = weights;
    }

    /**
     * The solver of a method.
     *
     * @throws IllegalArgumentException for one that is not a Runge-Kutta method of fixed steps
     */
    public static RungeKuttaOde of(OdeMethod method) {
        double third = 1.0 / 3;
        return switch (method) {
            case EULER -> new RungeKuttaOde(row(0), new double[][] {{}}, row(1));
            case MIDPOINT -> new RungeKuttaOde(row(0, 0.5), new double[][] {{}, {0.5}}, row(0, 1));
            case HEUN2 -> new RungeKuttaOde(row(0, 1), new double[][] {{}, {1}}, row(0.5, 0.5));
            case HEUN3 ->
                new RungeKuttaOde(
                        row(0, third, 2 * third), new double[][] {{}, {third}, {0, 2 * third}}, row(0.25, 0, 0.75));
            case RK4 ->
                new RungeKuttaOde(
                        row(0, third, 2 * third, 1),
                        new double[][] {{}, {third}, {-third, 1}, {1, -1, 1}},
                        row(0.125, 0.375, 0.375, 0.125));
            case AB2, DPMPP_2M, DOPRI5, BOSH3, FEHLBERG2, ADAPTIVE_HEUN ->
                throw new IllegalArgumentException(
                        "sampling_method: expected a Runge-Kutta method of fixed steps, got " + method.label());
        };
    }

    private static double[] row(double... values) {
        return values;
    }

    @Override
    public Solution solve(VectorField field, NDArray x, TimeGrid grid, StepListener listener) {
        int steps = grid.intervals();
        try (TensorScope run = TensorScope.under(x.getManager())) {
            NDArray state = TensorScope.view(x, run.manager());
            for (int i = 0; i < steps; i++) {
                NDArray next;
                try (TensorScope step = TensorScope.under(run.manager())) {
                    next = step.keep(step(field, TensorScope.view(state, step.manager()), grid.at(i), grid.step(i)));
                }
                state.close();
                state = next;
                States.report(listener, i + 1, steps, grid.at(i + 1), state);
            }
            return new Solution(run.keep(state), steps * nodes.length);
        }
    }

    private NDArray step(VectorField field, NDArray x, float t, float h) {
        NDArray[] slopes = new NDArray[nodes.length];
        for (int i = 0; i < nodes.length; i++) {
            slopes[i] = field.at(States.advance(x, slopes, rows[i], h), t + (float) nodes[i] * h);
        }
        return States.advance(x, slopes, weights, h);
    }
}
