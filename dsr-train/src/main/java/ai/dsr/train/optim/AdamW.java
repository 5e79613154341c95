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
import java.util.stream.IntStream;

/**
 * AdamW with decoupled decay (Loshchilov and Hutter, 2019) over groups of weights, in PyTorch's fused form.
 *
 * <p>{@code p *= 1 - lr wd; m, v} as usual; {@code p -= lr / (1 - b1^k) m / (sqrt(v) / sqrt(1 - b2^k) + eps)}.
 */
public final class AdamW {
    private final NDList weights;
    private final AdamWMoments moments;
    private final NDArray count;
    private final OptimizerConfig config;
    private final List<ParameterGroup> groups;
    private long updates;

    /** Moments of zero, owned by {@code manager}, for weights that stay where they are and are treated alike. */
    public AdamW(NDManager manager, NDList weights, OptimizerConfig config) {
        this(
                manager,
                weights,
                config,
                List.of(new ParameterGroup(
                        IntStream.range(0, weights.size()).boxed().toList(), 1, config.effectiveWeightDecay())));
    }

    /** The same for groups of weights; each weight is a member of one. */
    public AdamW(NDManager manager, NDList weights, OptimizerConfig config, List<ParameterGroup> groups) {
        this.weights = weights;
        this.config = config;
        this.groups = groups;
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
        for (ParameterGroup group : groups) {
            AdamWRule rule = new AdamWRule(
                    learningRate * group.rateScale(),
                    betas.get(0),
                    betas.get(1),
                    config.effectiveEps(),
                    group.weightDecay());
            AdamWMoments own = new AdamWMoments(members(group, moments.first()), members(group, moments.second()));
            OptimizerKernels.adamWInPlace(members(group, weights), members(group, gradients), own, count, rule);
        }
    }

    private static NDList members(ParameterGroup group, NDList all) {
        NDList chosen = new NDList(group.members().size());
        group.members().forEach(place -> chosen.add(all.get(place)));
        return chosen;
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
