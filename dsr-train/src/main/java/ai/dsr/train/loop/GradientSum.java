// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.OptimizerKernels;

/**
 * The gradients of one optimiser step, added up micro-batch by micro-batch.
 *
 * <p>The loss of each micro-batch is divided by their number, so a full sum is the gradient of the whole batch.
 */
public final class GradientSum implements AutoCloseable {
    private final NDManager scope;
    private final TrainTask task;
    private final NDList trainable;
    private final int parts;
    private final NDList sum = new NDList();
    private int added;

    /** An empty sum of {@code parts} micro-batches, whose arrays live in a manager of its own under {@code root}. */
    GradientSum(NDManager root, TrainTask task, NDList trainable, int parts) {
        scope = root.newSubManager();
        this.task = task;
        this.trainable = trainable;
        this.parts = parts;
    }

    /** Adds the gradients of a micro-batch; returns its loss, before the division. */
    public double add(Batch batch) {
        if (added == parts) {
            throw new IllegalStateException("micro-batches: expected " + parts + ", got one more");
        }
        added++;
        try (NDManager micro = scope.newSubManager();
                Autograd tape = Autograd.record()) {
            NDArray loss = task.loss(micro, batch);
            accumulate(tape.gradients(loss.div(parts), trainable));
            return loss.toFloatArray()[0];
        }
    }

    /** One part: its gradients as they are. Several: added up in arrays of our own, as gradients may share memory. */
    private void accumulate(NDList gradients) {
        if (parts == 1) {
            gradients.attach(scope);
            sum.addAll(gradients);
            return;
        }
        if (sum.isEmpty()) {
            gradients.forEach(gradient -> sum.add(scope.zeros(gradient.getShape(), gradient.getDataType())));
        }
        OptimizerKernels.addInPlace(sum, gradients);
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
