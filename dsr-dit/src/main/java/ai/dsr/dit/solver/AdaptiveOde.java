// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.tensor.TensorScope;

/**
 * Embedded Runge-Kutta methods, which choose their steps by the estimated error, as in torchdiffeq: {@code dopri5},
 * {@code bosh3}, {@code fehlberg2} and {@code adaptive_heun}.
 *
 * <p>The error is the root mean square over all elements, so the samples of a batch share their steps. Steps end where
 * they please, also beyond the grid; states at the grid's times are interpolated by a quartic. Times are float64 inside
 * and float32 for the field. Each attempted step costs one evaluation less than the method has stages (dopri5: 6), the
 * start 2.
 */
public final class AdaptiveOde implements OdeSolver {
    private static final double SAFETY = 0.9;
    private static final double LARGEST_FACTOR = 10;
    private static final double SMALLEST_FACTOR = 0.2;

    private final AdaptiveTableau tableau;
    private final double atol;
    private final double rtol;

    /**
     * The solver of a method and a tolerance.
     *
     * @param method one that {@link OdeMethod#isAdaptive chooses its steps}
     * @param atol accepted error of an element
     * @param rtol accepted error relative to its size
     */
    public AdaptiveOde(OdeMethod method, double atol, double rtol) {
        tableau = AdaptiveTableau.of(method);
        if (!(atol > 0 && rtol >= 0)) {
            throw new IllegalArgumentException("atol: expected atol > 0 and rtol >= 0, got " + atol + " and " + rtol);
        }
        this.atol = atol;
        this.rtol = rtol;
    }

    @Override
    public Solution solve(VectorField field, NDArray x, TimeGrid grid, StepListener listener) {
        int sign = grid.isRising() ? 1 : -1;
        Clock clock = new Clock(field, sign);
        NDArray last = null;
        try (TensorScope run = TensorScope.under(x.getManager())) {
            AdaptiveSegment segment = start(clock, x, grid, run);
            double h = segment.firstStep();
            for (int i = 1; i < grid.size(); i++) {
                double target = (double) sign * grid.at(i);
                while (target > segment.end()) {
                    Attempt next = attempt(clock, segment, h, run);
                    h = next.nextStep();
                    if (next.segment() != null) {
                        segment.close();
                        segment = next.segment();
                    }
                }
                if (last != null) {
                    last.close();
                }
                last = segment.at(target, run);
                States.report(listener, i, grid.intervals(), grid.at(i), last);
            }
            return new Solution(run.keep(last), clock.evaluations);
        }
    }

    private AdaptiveSegment start(Clock clock, NDArray x, TimeGrid grid, TensorScope run) {
        TensorScope scope = TensorScope.under(run.manager());
        double s = (double) clock.sign * grid.at(0);
        NDArray y = TensorScope.view(x, scope.manager());
        NDArray slope = clock.slope(y, s);
        slope.attach(scope.manager());
        try (TensorScope probe = TensorScope.under(scope.manager())) {
            return AdaptiveSegment.point(scope, s, y, slope, firstStep(clock, probe, s, y, slope));
        }
    }

    /** The step at which the estimated error of the first step is about right (Hairer et al., II.4). */
    private double firstStep(Clock clock, TensorScope probe, double s, NDArray start, NDArray startSlope) {
        NDArray y = TensorScope.view(start, probe.manager());
        NDArray slope = TensorScope.view(startSlope, probe.manager());
        NDArray scale = y.abs().mul(rtol).add(atol);
        double size = rms(y.div(scale));
        double speed = rms(slope.div(scale));
        double h = size < 1e-5 || speed < 1e-5 ? 1e-6 : 0.01 * size / speed;
        NDArray ahead = clock.slope(y.add(slope.mul(h)), s + h);
        double bend = rms(ahead.sub(slope).div(scale)) / h;
        double byError = speed <= 1e-15 && bend <= 1e-15
                ? Math.max(1e-6, h * 1e-3)
                : Math.pow(0.01 / Math.max(speed, bend), 1.0 / tableau.order());
        double first = Math.min(100 * h, byError);
        requireFinite(first, clock.sign * s);
        return first;
    }

    /** One step of length h from the end of a segment; the attempt has no segment if its error was too large. */
    private Attempt attempt(Clock clock, AdaptiveSegment from, double h, TensorScope run) {
        double s = from.end();
        if (!(s + h > s)) {
            throw new IllegalStateException(tableau.method().label() + ": expected a step that moves time, got " + h
                    + " at t = " + clock.sign * s + "; raise atol or rtol, or use a method of fixed steps");
        }
        TensorScope scope = TensorScope.under(run.manager());
        try (TensorScope step = TensorScope.under(scope.manager())) {
            NDArray y0 = TensorScope.view(from.state(), step.manager());
            NDArray[] k = new NDArray[tableau.stages()];
            k[0] = TensorScope.view(from.slope(), step.manager());
            NDArray y1 = y0;
            for (int i = 1; i < k.length; i++) {
                y1 = States.advance(y0, k, tableau.row(i), h);
                k[i] = clock.slope(y1, s + tableau.node(i) * h);
            }
            if (!tableau.endsAtSolution()) {
                y1 = States.advance(y0, k, tableau.solution(), h);
            }
            NDArray zero = y0.zerosLike();
            NDArray allowed = y0.abs().maximum(y1.abs()).mul(rtol).add(atol);
            double ratio = rms(States.advance(zero, k, tableau.error(), h).div(allowed));
            requireFinite(ratio, clock.sign * s);
            double next = h * factor(ratio);
            if (ratio > 1) {
                scope.close();
                return new Attempt(null, next);
            }
            NDArray middle = States.advance(y0, k, tableau.middle(), h);
            return new Attempt(
                    AdaptiveSegment.step(scope, s, h, new NDArray[] {y0, k[0], y1, k[k.length - 1], middle}), next);
        }
    }

    private double factor(double ratio) {
        if (ratio == 0) {
            return LARGEST_FACTOR;
        }
        double least = ratio < 1 ? 1 : SMALLEST_FACTOR;
        return Math.min(LARGEST_FACTOR, Math.max(SAFETY / Math.pow(ratio, 1.0 / tableau.order()), least));
    }

    private void requireFinite(double value, double t) {
        if (!Double.isFinite(value)) {
            throw new IllegalStateException(tableau.method().label() + ": expected a finite error, got " + value
                    + " at t = " + t + "; the model gave a value that is not finite");
        }
    }

    private static double rms(NDArray x) {
        return x.square().mean().sqrt().toType(DataType.FLOAT64, false).getDouble();
    }

    /** An attempted step: what it reached, or null, and the length of the next. */
    private record Attempt(AdaptiveSegment segment, double nextStep) {}

    /** The field in a time that always rises: {@code s = t} or {@code s = -t}. */
    private static final class Clock {
        private final VectorField field;
        private final int sign;
        private int evaluations;

        Clock(VectorField field, int sign) {
            this.field = field;
            this.sign = sign;
        }

        NDArray slope(NDArray x, double s) {
            evaluations++;
            return field.at(x, (float) (sign * s)).mul(sign);
        }
    }
}
