// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.Device;
import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.train.optim.TrainingConfig;
import java.util.ArrayList;
import java.util.List;

/**
 * The same task once a device. The first replica leads: it has the optimiser and the averages, and the others take over
 * its weights after each update.
 */
public final class Replicas {
    private final List<TrainTask> tasks;
    private final List<NDList> weights = new ArrayList<>();
    private final List<NDList> trainable = new ArrayList<>();

    /**
     * Replicas of one task, the leading one first, with equal weights.
     *
     * @throws IllegalArgumentException if the batch cannot be shared out evenly
     */
    public Replicas(List<? extends TrainTask> tasks, TrainingConfig config) {
        this.tasks = List.copyOf(tasks);
        int parts = tasks.size() * config.gradAccumSteps();
        if (config.globalBatchSize() % parts != 0) {
            throw new IllegalArgumentException("global_batch_size: expected a multiple of devices times"
                    + " grad_accum_steps (" + parts + "), got " + config.globalBatchSize());
        }
        for (TrainTask task : tasks) {
            Layer model = task.model();
            NDList all = new NDList();
            model.weights().values().forEach(weight -> all.add(weight.get()));
            weights.add(all);
            trainable.add(model.requireGradients(weight -> TrainState.trains(weight, config)));
        }
    }

    /** How many there are. */
    public int count() {
        return tasks.size();
    }

    /** The first. */
    public TrainTask lead() {
        return tasks.get(0);
    }

    /** A replica's task. */
    TrainTask task(int replica) {
        return tasks.get(replica);
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

    /** Gives all the weights of the leading one. */
    public void follow() {
        for (int replica = 1; replica < count(); replica++) {
            OptimizerKernels.copyInPlace(weights.get(replica), weights.get(0));
        }
    }
}
