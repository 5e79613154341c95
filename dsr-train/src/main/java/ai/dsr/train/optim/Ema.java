// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.OptimizerKernels;
import java.util.function.LongToDoubleFunction;

/**
 * Moving average of weights: {@code e <- d e + (1 - d) p}, starting as a copy. The decay d is constant, or that of a
 * {@link PowerProfile} at the number of updates.
 */
public final class Ema {
    private final NDList average = new NDList();
    private final LongToDoubleFunction decay;

    /** A copy of the weights, owned by {@code manager}; decay in [0, 1). */
    public Ema(NDManager manager, NDList weights, double decay) {
        this(manager, weights, update -> decay);
    }

    /** The same with the decay of a profile. */
    public Ema(NDManager manager, NDList weights, PowerProfile profile) {
        this(manager, weights, profile::decay);
    }

    private Ema(NDManager manager, NDList weights, LongToDoubleFunction decay) {
        this.decay = decay;
        for (NDArray weight : weights) {
            NDArray copy = manager.zeros(weight.getShape(), weight.getDataType());
            average.add(copy);
        }
        OptimizerKernels.copyInPlace(average, weights);
    }

    /**
     * Moves the average towards the weights, in the order of construction.
     *
     * @param update the number of this update, from 1
     */
    public void update(NDList weights, long update) {
        OptimizerKernels.lerpInPlace(average, weights, 1 - decay.applyAsDouble(update));
    }

    /** The averages in the order of the weights; the live arrays. */
    public NDList average() {
        return average;
    }
}
