// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.TensorScope;

/** Handling of the arrays that survive a step. */
final class States {
    private States() {}

    /** {@code x + h sum(weights[i] slopes[i])}. */
    static NDArray advance(NDArray x, NDArray[] slopes, double[] weights, double h) {
        NDArray y = x;
        for (int i = 0; i < weights.length; i++) {
            if (weights[i] != 0) {
                y = y.add(slopes[i].mul(h * weights[i]));
            }
        }
        return y;
    }

    /** Tells the listener in a scope of its own. */
    static void report(StepListener listener, int step, int steps, float t, NDArray x) {
        try (TensorScope scope = TensorScope.under(x.getManager())) {
            listener.onState(step, steps, t, scope.borrow(x));
        }
    }
}
