// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.Sha256;
import ai.dsr.core.kernel.OptimizerKernels;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.train.optim.AdamW;
import ai.dsr.train.optim.Ema;
import ai.dsr.train.optim.LossScale;
import ai.dsr.train.optim.ParameterGroup;
import ai.dsr.train.optim.PowerProfile;
import ai.dsr.train.optim.TrainingConfig;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;

/** Everything that changes during training: weights, their averages, optimiser moments and what has been counted. */
public final class TrainState {
    /** The name of the first average; others have their decay or profile behind it. */
    static final String AVERAGE = "ema";

    /** What the adversary is called in files, logs and messages. */
    static final String ADVERSARY = "discriminator";

    private final List<String> names;
    private final List<String> trainableNames;
    private final NDList weights = new NDList();
    private final NDList trainable;
    private final AdamW optimizer;
    private final Map<String, Ema> averages = new LinkedHashMap<>();
    private final SortedSet<Long> badSteps = new TreeSet<>();
    private final LossScale lossScale;
    private final TrainState adversary; // null: none
    private long step;
    private String order = "";
    private Meter meter = Meter.EMPTY;

    /**
     * The state at step 0 of an initialised model that trains alone.
     *
     * @param manager owns moments and averages
     */
    public TrainState(NDManager manager, Layer model, TrainingConfig config) {
        this(manager, model, config, null);
        startAverages(manager, config);
    }

    /** The state at step 0 of a task: its model with averages, its adversary, if there is one, without. */
    public static TrainState of(NDManager manager, TrainTask task, TrainingConfig config) {
        Adversary other = task.adversary();
        TrainState adversary = other == null ? null : new TrainState(manager, other.model(), other.training(), null);
        TrainState state = new TrainState(manager, task.model(), config, adversary);
        state.startAverages(manager, config);
        return state;
    }

    private TrainState(NDManager manager, Layer model, TrainingConfig config, TrainState adversary) {
        Map<String, Weight> all = model.weights();
        Map<String, Weight> training = new LinkedHashMap<>();
        names = List.copyOf(all.keySet());
        all.forEach((name, weight) -> {
            weights.add(weight.get());
            if (trains(weight, config)) {
                training.put(name, weight);
            }
        });
        lossScale = LossScale.of(config.precision());
        trainableNames = List.copyOf(training.keySet());
        trainable = model.requireGradients(weight -> trains(weight, config));
        optimizer = new AdamW(manager, trainable, config.optimizer(), ParameterGroup.of(training, config));
        this.adversary = adversary;
    }

    private void startAverages(NDManager manager, TrainingConfig config) {
        for (double decay : config.emaDecay()) {
            averages.put(averages.isEmpty() ? AVERAGE : AVERAGE + "-" + decay, new Ema(manager, weights, decay));
        }
        if (config.powerEma() != null) {
            for (double length : config.powerEma().lengths()) {
                PowerProfile profile = PowerProfile.ofLength(length);
                averages.put(AVERAGE + "-" + profile.label(), new Ema(manager, weights, profile));
            }
        }
    }

    /** Whether a weight changes in training. */
    static boolean trains(Weight weight, TrainingConfig config) {
        return !weight.isBuffer() && (config.trainFixedTables() || !weight.isTable());
    }

    /** The state of what trains against the model, whose steps are its updates; null if nothing does. */
    public TrainState adversary() {
        return adversary;
    }

    /** Steps done, those left out included. */
    public long step() {
        return step;
    }

    /** Updates of the weights: steps less those left out. */
    public long updates() {
        return optimizer.updates();
    }

    /** Steps with a loss or gradient that was not finite, from 0. */
    public SortedSet<Long> badSteps() {
        return badSteps;
    }

    /** The factor of the loss, which float16 training adapts. */
    public LossScale lossScale() {
        return lossScale;
    }

    /** What the steps since the last line of the log add up to. */
    public Meter meter() {
        return meter;
    }

    /** Replaces {@link #meter}. */
    void setMeter(Meter sums) {
        meter = sums;
    }

    /** Names of the weights that train, in the model's order. */
    public List<String> trainableNames() {
        return trainableNames;
    }

    /** The weights that train, in the model's order. */
    public NDList trainable() {
        return trainable;
    }

    /** Applies clipped gradients in the order of {@link #trainable} and advances averages and step. */
    public void update(NDList gradients, double learningRate) {
        optimizer.step(gradients, learningRate);
        averages.values().forEach(average -> average.update(weights, optimizer.updates()));
        step++;
    }

    /** A running hash of the samples of all steps: equal orders of the data, equal hashes. */
    public String order() {
        return order;
    }

    /** Takes note of the samples of a step. */
    void addToOrder(int... samples) {
        order = Sha256.ofText(order + Arrays.toString(samples));
    }

    /** Replaces {@link #order}. */
    void setOrder(String hash) {
        order = hash;
    }

    /** Goes on at a later step, as if those before it had been left out: for trials of what a step costs then. */
    public void skipTo(long laterStep) {
        step = laterStep;
    }

    /** Advances the step and nothing else. */
    void leaveOutStep() {
        step++;
    }

    /** Weights and buffers by name; the live arrays. */
    public Map<String, NDArray> weightsByName() {
        return byName("", names, weights);
    }

    /** Averaged weights by name, of the first decay if there are several; the live arrays. */
    public Map<String, NDArray> averageByName() {
        return byName("", names, averages.get(AVERAGE).average());
    }

    /** All averages: {@code ema}, {@code ema-DECAY}, {@code ema-power-LENGTH}; the live arrays by weight. */
    public Map<String, Map<String, NDArray>> averagesByName() {
        Map<String, Map<String, NDArray>> all = new LinkedHashMap<>();
        averages.forEach((label, average) -> all.put(label, byName("", names, average.average())));
        return all;
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

    /** Continues after {@code stepsDone} steps; the arrays are restored in place by the caller. */
    void restoreCounters(long stepsDone, long updates) {
        step = stepsDone;
        optimizer.restoreUpdates(updates);
    }

    /** Runs an action with the averaged weights in the model, then puts the weights back. */
    public void withAverage(Runnable action) {
        try (NDManager scope = weights.get(0).getManager().newSubManager()) {
            NDList backup = new NDList();
            weights.forEach(weight -> backup.add(scope.zeros(weight.getShape(), weight.getDataType())));
            OptimizerKernels.copyInPlace(backup, weights);
            OptimizerKernels.copyInPlace(weights, averages.get(AVERAGE).average());
            try {
                action.run();
            } finally {
                OptimizerKernels.copyInPlace(weights, backup);
            }
        }
    }
}
