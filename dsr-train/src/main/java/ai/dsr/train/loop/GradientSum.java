// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.OptimizerKernels;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The gradients of one optimiser step, added up micro-batch by micro-batch.
 *
 * <p>The loss of each micro-batch is divided by their number, so a full sum is the gradient of the whole batch. Gradients
 * are added in the order of the micro-batches, whichever replica computed them: the sum is the same, to the bit, on one
 * device as on several of a kind.
 */
public final class GradientSum implements AutoCloseable {
    private final NDManager scope;
    private final Replicas replicas;
    private final int parts;
    private final double scale;
    private final NDList sum = new NDList();
    private final NDList buffers;
    private final Map<String, Double> terms = new LinkedHashMap<>();
    private int added;

    /**
     * An empty sum of {@code parts} micro-batches, whose arrays live in a manager of its own under {@code root}.
     *
     * @param scale factor of the loss in the backward pass, a power of two; gradients are divided by it
     */
    GradientSum(NDManager root, Replicas replicas, int parts, double scale) {
        scope = root.newSubManager(replicas.device(0));
        this.replicas = replicas;
        this.parts = parts;
        this.scale = scale;
        buffers = replicas.copyBuffers(scope);
    }

    /**
     * Adds the gradients of micro-batches, one a replica, by one backward pass over their summed loss. Buffers of the
     * model are those before the first for each of them, and move once, however many there are.
     *
     * @param round at most as many as there are replicas
     * @return their losses, before the division
     */
    public double[] add(Batch... round) {
        if (added + round.length > parts) {
            throw new IllegalStateException("micro-batches: expected " + parts + ", got one more");
        }
        if (added > 0) {
            replicas.restoreBuffers(buffers);
        }
        added += round.length;
        try (NDManager micro = scope.newSubManager();
                Autograd tape = Autograd.record()) {
            NDList losses = new NDList();
            NDList weights = new NDList();
            List<Map.Entry<String, NDArray>> seen = new ArrayList<>();
            NDArray total = null;
            for (int i = 0; i < round.length; i++) {
                NDManager own = micro.newSubManager(replicas.device(i));
                NDArray loss = replicas.objective(i).trace(own, round[i], (name, value) -> {
                    if (name.startsWith(Objective.TERM)) {
                        seen.add(Map.entry(name.substring(Objective.TERM.length()), value));
                    }
                });
                losses.add(loss);
                NDArray share = replicas.onLead(Kernels.scale(loss, scale / parts));
                total = total == null ? share : total.add(share);
                weights.addAll(replicas.trainable(i));
            }
            NDList gradients = tape.gradients(total, weights);
            accumulate(scale == 1 ? gradients : OptimizerKernels.scaled(gradients, 1 / scale), round.length);
            seen.forEach(term ->
                    terms.merge(term.getKey(), (double) term.getValue().toFloatArray()[0] / parts, Double::sum));
            return losses.stream().mapToDouble(loss -> loss.toFloatArray()[0]).toArray();
        }
    }

    /** One part: its gradients as they are. Several: added up in arrays of our own, as gradients may share memory. */
    private void accumulate(NDList gradients, int replicasUsed) {
        if (parts == 1) {
            gradients.attach(scope);
            sum.addAll(gradients);
            return;
        }
        int each = gradients.size() / replicasUsed;
        if (sum.isEmpty()) {
            gradients
                    .subList(0, each)
                    .forEach(gradient -> sum.add(scope.zeros(gradient.getShape(), gradient.getDataType())));
        }
        for (int replica = 0; replica < replicasUsed; replica++) {
            NDList own = new NDList();
            gradients.subList(replica * each, (replica + 1) * each).forEach(g -> own.add(replicas.onLead(g)));
            OptimizerKernels.addInPlace(sum, own);
        }
    }

    /** Terms of the loss by name, over all micro-batches added so far, divided by the number of a full sum. */
    public Map<String, Double> terms() {
        return terms;
    }

    /** Puts the model's buffers back as they were before the first micro-batch. */
    void undoBuffers() {
        replicas.restoreBuffers(buffers);
    }

    /** The global norm of what has been added so far, a scalar that lives as long as this. */
    public NDArray norm() {
        return OptimizerKernels.globalNorm(sum);
    }

    /** What has been added so far, in the order of the weights; lives as long as this. */
    public NDList gradients() {
        return sum;
    }

    @Override
    public void close() {
        scope.close();
    }
}
