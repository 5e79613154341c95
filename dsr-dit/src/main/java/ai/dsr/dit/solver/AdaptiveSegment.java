// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.TensorScope;

/** One accepted step of {@link AdaptiveOde}: its end, and the quartic through its two ends and its middle. */
final class AdaptiveSegment implements AutoCloseable {
    private final TensorScope scope;
    private final double start;
    private final double end;
    private final double length;
    private final NDArray startState;
    private final NDArray startSlope;
    private final NDArray endState;
    private final NDArray endSlope;
    private final NDArray middle;

    private AdaptiveSegment(TensorScope scope, double start, double end, double length, NDArray... arrays) {
        this.scope = scope;
        this.start = start;
        this.end = end;
        this.length = length;
        startState = arrays[0];
        startSlope = arrays[1];
        endState = arrays[2];
        endSlope = arrays[3];
        middle = arrays[4];
    }

    /** The start of a run: no step yet, but the length of the first one. */
    static AdaptiveSegment point(TensorScope scope, double time, NDArray state, NDArray slope, double firstStep) {
        return new AdaptiveSegment(scope, time, time, firstStep, state, slope, state, slope, state);
    }

    /** A step whose arrays (state and slope at both ends, state in the middle) move to {@code scope}. */
    static AdaptiveSegment step(TensorScope scope, double start, double length, NDArray... arrays) {
        for (NDArray array : arrays) {
            array.attach(scope.manager());
        }
        return new AdaptiveSegment(scope, start, start + length, length, arrays);
    }

    double firstStep() {
        return length;
    }

    double end() {
        return end;
    }

    NDArray state() {
        return endState;
    }

    NDArray slope() {
        return endSlope;
    }

    /** The state at a time of the step, in the manager of {@code owner}. */
    NDArray at(double time, TensorScope owner) {
        double z = (time - start) / (end - start);
        double h = length;
        try (TensorScope work = TensorScope.under(owner.manager())) {
            NDArray y0 = TensorScope.view(startState, work.manager());
            NDArray y1 = TensorScope.view(endState, work.manager());
            NDArray f0 = TensorScope.view(startSlope, work.manager());
            NDArray f1 = TensorScope.view(endSlope, work.manager());
            NDArray ym = TensorScope.view(middle, work.manager());
            NDArray a = f1.sub(f0).mul(2 * h).sub(y1.add(y0).mul(8)).add(ym.mul(16));
            NDArray b = f0.mul(5 * h)
                    .sub(f1.mul(3 * h))
                    .add(y0.mul(18))
                    .add(y1.mul(14))
                    .sub(ym.mul(32));
            NDArray c =
                    f1.mul(h).sub(f0.mul(4 * h)).sub(y0.mul(11)).sub(y1.mul(5)).add(ym.mul(16));
            NDArray value =
                    a.mul(z).add(b).mul(z).add(c).mul(z).add(f0.mul(h)).mul(z).add(y0);
            return work.keep(value);
        }
    }

    @Override
    public void close() {
        scope.close();
    }
}
