// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.train.optim.AdamW;
import ai.dsr.train.optim.Ema;
import ai.dsr.train.optim.TrainingConfig;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** Everything that changes during training: weights, their average, optimiser moments and the number of steps done. */
public final class TrainState {
    private final List<String> names;
    private final List<String> trainableNames = new ArrayList<>();
    private final NDList weights = new NDList();
    private final NDList trainable;
    private final AdamW optimizer;
    private final Ema ema;
    private long step;
    private Meter meter = Meter.EMPTY;

    /**
     * The state at step 0 of an initialised model.
     *
     * @param manager owns moments and averages
     */
    public TrainState(NDManager manager, Layer model, TrainingConfig config) {
        Map<String, Weight> all = model.weights();
        names = List.copyOf(all.keySet());
        all.forEach((name, weight) -> {
            weights.add(weight.get());
            if (trains(weight, config)) {
                trainableNames.add(name);
            }
        });
        trainable = model.requireGradients(weight -> trains(weight, config));
        optimizer = new AdamW(manager, trainable, config.optimizer());
        ema = new Ema(manager, weights, config.emaDecay());
    }

    private static boolean trains(Weight weight, TrainingConfig config) {
        return config.trainFixedTables() || !weight.isTable();
    }

    /** Steps done. */
    public long step() {
        return step;
    }

    /** What the steps since the last line of the log add up to. */
    public Meter meter() {
        return meter;
    }

    /** Replaces {@link #meter}. */
    void setMeter(Meter sums) {
        meter = sums;
    }

    /** The weights that train, in the model's order. */
    public NDList trainable() {
        return trainable;
    }

    /** Applies clipped gradients in the order of {@link #trainable} and advances average and step. */
    public void update(NDList gradients, double learningRate) {
        optimizer.step(gradients, learningRate);
        ema.update(weights);
        step++;
    }

    /** Weights by name; the live arrays. */
    public Map<String, NDArray> weightsByName() {
        return byName("", names, weights);
    }

    /** Averaged weights by name; the live arrays. */
    public Map<String, NDArray> averageByName() {
        return byName("", names, ema.average());
    }

    /** Optimiser moments as {@code exp_avg/NAME} and {@code exp_avg_sq/NAME}; the live arrays. */
    public Map<String, NDArray> momentsByName() {
        Map<String, NDArray> moments =
                byName("exp_avg/", trainableNames, optimizer.moments().first());
        moments.putAll(byName("exp_avg_sq/", trainableNames, optimizer.moments().second()));
        return moments;
    }

    private static Map<String, NDArray> byName(String prefix, List<String> names, NDList arrays) {
        Map<String, NDArray> map = new LinkedHashMap<>();
        for (int i = 0; i < names.size(); i++) {
            map.put(prefix + names.get(i), arrays.get(i));
        }
        return map;
    }

    /** Continues after {@code stepsDone} steps; moments have caught up with them. */
    void restoreCounters(long stepsDone) {
        step = stepsDone;
        optimizer.restoreUpdates(stepsDone);
    }

    /** Runs an action with the averaged weights in the model, then puts the weights back. */
    public void withAverage(Runnable action) {
        try (NDManager scope = weights.get(0).getManager().newSubManager()) {
            NDList backup = new NDList();
            weights.forEach(weight -> backup.add(scope.zeros(weight.getShape(), weight.getDataType())));
            OptimizerKernels.copyInPlace(backup, weights);
            OptimizerKernels.copyInPlace(weights, ema.average());
            try {
                action.run();
            } finally {
                OptimizerKernels.copyInPlace(weights, backup);
            }
        }
    }
}
