// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.OptimizerKernels;

/** Exponential moving average of weights: {@code e <- d e + (1 - d) p}, starting as a copy. */
public final class Ema {
    private final NDList average = new NDList();
    private final double decay;

    /** A copy of the weights, owned by {@code manager}; decay in [0, 1). */
    public Ema(NDManager manager, NDList weights, double decay) {
        this.decay = decay;
        for (NDArray weight : weights) {
            NDArray copy = manager.zeros(weight.getShape(), weight.getDataType());
            average.add(copy);
        }
        OptimizerKernels.copyInPlace(average, weights);
    }

    /** Moves the average towards the weights, in the order of construction. */
    public void update(NDList weights) {
        OptimizerKernels.lerpInPlace(average, weights, 1 - decay);
    }

    /** The averages in the order of the weights; the live arrays. */
    public NDList average() {
        return average;
    }
}
