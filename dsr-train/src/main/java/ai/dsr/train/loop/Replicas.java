// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.train.optim.TrainingConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The same model and loss once a device. The first replica leads: it has the optimiser and the averages, and the others
 * take over its weights after each update.
 */
public final class Replicas {
    private final List<Objective> objectives;
    private final List<NDList> weights = new ArrayList<>();
    private final List<NDList> trainable = new ArrayList<>();
    private final NDList buffers = new NDList();

    /**
     * Replicas of one model, the leading one first, with equal weights.
     *
     * @throws IllegalArgumentException if the batch cannot be shared out evenly
     */
    public Replicas(List<? extends Objective> objectives, TrainingConfig config) {
        this.objectives = List.copyOf(objectives);
        int parts = objectives.size() * config.gradAccumSteps();
        if (config.globalBatchSize() % parts != 0) {
            throw new IllegalArgumentException("global_batch_size: expected a multiple of devices times"
                    + " grad_accum_steps (" + parts + "), got " + config.globalBatchSize());
        }
        for (Objective objective : objectives) {
            Layer model = objective.model();
            NDList all = new NDList();
            for (Weight weight : model.weights().values()) {
                all.add(weight.get());
                if (weight.isBuffer()) {
                    buffers.add(weight.get());
                }
            }
            weights.add(all);
            trainable.add(model.requireGradients(weight -> TrainState.trains(weight, config)));
        }
    }

    /** How many there are. */
    public int count() {
        return objectives.size();
    }

    /** The first. */
    public Objective lead() {
        return objectives.get(0);
    }

    /** A replica's model and loss. */
    Objective objective(int replica) {
        return objectives.get(replica);
    }

    /** The adversaries of all replicas as replicas of their own; null if there are none. */
    Replicas adversaries() {
        List<Adversary> adversaries = new ArrayList<>();
        for (Objective objective : objectives) {
            if (objective instanceof TrainTask task && task.adversary() != null) {
                adversaries.add(task.adversary());
            }
        }
        return adversaries.isEmpty()
                ? null
                : new Replicas(adversaries, adversaries.get(0).training());
    }

    /** A replica's weights that train, in the model's order. */
    NDList trainable(int replica) {
        return trainable.get(replica);
    }

    /** Where a replica computes. */
    Device device(int replica) {
        return weights.get(replica).get(0).getDevice();
    }

    /** An array on the leading device: itself if it is there. */
    NDArray onLead(NDArray array) {
        return array.toDevice(device(0), false);
    }

    /** Copies of what the models change while they compute, to be put back by {@link #restoreBuffers}. */
    NDList copyBuffers(NDManager owner) {
        NDList copies = new NDList();
        buffers.forEach(buffer -> copies.add(owner.zeros(buffer.getShape(), buffer.getDataType())));
        copyInPlace(copies, buffers);
        return copies;
    }

    /** Puts the values of {@link #copyBuffers} back. */
    void restoreBuffers(NDList copies) {
        copyInPlace(buffers, copies);
    }

    private static void copyInPlace(NDList targets, NDList sources) {
        if (!targets.isEmpty()) {
            OptimizerKernels.copyInPlace(targets, sources);
        }
    }

    /** Gives all the weights of the leading one. */
    public void follow() {
        for (int replica = 1; replica < count(); replica++) {
            OptimizerKernels.copyInPlace(weights.get(replica), weights.get(0));
        }
    }
}
