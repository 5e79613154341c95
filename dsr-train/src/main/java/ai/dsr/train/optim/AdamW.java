// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.kernel.OptimizerKernels.AdamWMoments;
import ai.dsr.core.kernel.OptimizerKernels.AdamWRule;
import java.util.List;

/**
 * AdamW with decoupled decay (Loshchilov and Hutter, 2019) over one list of weights, in PyTorch's fused form.
 *
 * <p>{@code p *= 1 - lr wd; m, v} as usual; {@code p -= lr / (1 - b1^k) m / (sqrt(v) / sqrt(1 - b2^k) + eps)}.
 */
public final class AdamW {
    private final NDList weights;
    private final AdamWMoments moments;
    private final NDArray count;
    private final OptimizerConfig config;
    private long updates;

    /** Moments of zero, owned by {@code manager}, for weights that stay where they are. */
    public AdamW(NDManager manager, NDList weights, OptimizerConfig config) {
        this.weights = weights;
        this.config = config;
        moments = new AdamWMoments(zeros(manager, weights), zeros(manager, weights));
        count = manager.zeros(new Shape());
    }

    private static NDList zeros(NDManager manager, NDList like) {
        NDList zeros = new NDList();
        like.forEach(array -> zeros.add(manager.zeros(array.getShape(), array.getDataType())));
        return zeros;
    }

    /** Updates the weights by gradients in the same order. */
    public void step(NDList gradients, double learningRate) {
        updates++;
        count.addi(1);
        List<Double> betas = config.effectiveBetas();
        AdamWRule rule = new AdamWRule(
                learningRate, betas.get(0), betas.get(1), config.effectiveEps(), config.effectiveWeightDecay());
        OptimizerKernels.adamWInPlace(weights, gradients, moments, count, rule);
    }

    /** How many updates there have been. */
    public long updates() {
        return updates;
    }

    /** First and second moments in the order of the weights; the live arrays. */
    public AdamWMoments moments() {
        return moments;
    }

    /** Continues after {@code updatesSoFar} updates; the moments are restored in place by the caller. */
    public void restoreUpdates(long updatesSoFar) {
        count.subi(count).addi(updatesSoFar);
        updates = updatesSoFar;
    }
}
