// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.train.optim.TrainingConfig;
import java.util.ArrayDeque;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.function.Predicate;

/**
 * Who holds the memory of a training process: weights, optimiser, averages and gradients by their arrays, all of an
 * adversary as one; a step by how far the process grows during one; the rest is the Java heap, libraries, frozen models and
 * data.
 *
 * <p>Sizes of arrays are exact wherever they lie; peak, step and trend are those of the host (Linux), so on a GPU they say
 * nothing about device memory.
 */
public final class MemoryLedger {
    /** No limit. */
    public static final long UNLIMITED = Long.MAX_VALUE;

    private static final double MIB = 1 << 20;
    private static final int TREND_POINTS = 64;
    private static final int TREND_MIN = 4;
    private static final double PER_STEPS = 1000;

    private final Map<String, Long> owners;
    private final long budget;
    private final Deque<double[]> history = new ArrayDeque<>();
    private final long base;
    private final long heapBase;
    private long step;
    private long peak;

    /**
     * A ledger of a run whose state is there.
     *
     * @param budget largest resident memory of the process in bytes
     */
    MemoryLedger(TrainState state, Replicas replicas, long budget) {
        this.budget = budget;
        owners = new LinkedHashMap<>();
        owners.put("weights", bytes(state.weightsByName().values()) * replicas.count());
        owners.put("optimizer", bytes(state.momentsByName().values()));
        owners.put(
                "ema",
                state.averagesByName().values().stream()
                        .mapToLong(all -> bytes(all.values()))
                        .sum());
        owners.put("gradients", bytes(state.trainable()));
        TrainState adversary = state.adversary();
        if (adversary != null) {
            owners.put(
                    TrainState.ADVERSARY,
                    bytes(adversary.weightsByName().values()) * replicas.count()
                            + bytes(adversary.momentsByName().values())
                            + bytes(adversary.trainable()));
        }
        ProcessMemory.resetPeak();
        base = ProcessMemory.resident();
        heapBase = heap();
    }

    private static long heap() {
        return Runtime.getRuntime().totalMemory();
    }

    private static long bytes(Collection<NDArray> arrays) {
        return arrays.stream()
                .mapToLong(array -> array.size() * array.getDataType().getNumOfBytes())
                .sum();
    }

    /** What training a task takes beside its steps, before there are arrays of more than the weights. */
    public static Map<String, Long> plan(TrainTask task, TrainingConfig config, int replicas) {
        long all = bytes(task.model(), weight -> true);
        long trains = bytes(task.model(), weight -> TrainState.trains(weight, config));
        int averages = config.emaDecay().size()
                + (config.powerEma() == null ? 0 : config.powerEma().lengths().size());
        Map<String, Long> plan = new LinkedHashMap<>();
        plan.put("weights", all * replicas);
        plan.put("optimizer", 2 * trains);
        plan.put("ema", averages * all);
        plan.put("gradients", trains);
        Adversary adversary = task.adversary();
        if (adversary != null) {
            long own = bytes(adversary.model(), weight -> TrainState.trains(weight, adversary.training()));
            plan.put(TrainState.ADVERSARY, bytes(adversary.model(), weight -> true) * replicas + 3 * own);
        }
        return plan;
    }

    private static long bytes(Layer model, Predicate<Weight> which) {
        return model.weights().values().stream()
                .filter(which)
                .mapToLong(weight -> weight.shape().size() * Float.BYTES)
                .sum();
    }

    /**
     * Fails before memory is taken for a state that cannot fit.
     *
     * @param allocated bytes of the plan that are there already
     * @throws IllegalArgumentException naming the largest owner
     */
    public static void requireFits(Map<String, Long> plan, long allocated, long budget) {
        long total = plan.values().stream().mapToLong(Long::longValue).sum();
        long needed = ProcessMemory.resident() - allocated + total;
        if (needed > budget) {
            throw new IllegalArgumentException("run.memory_budget: expected room for " + mib(needed)
                    + " before the first step (" + list(plan) + "), got " + mib(budget) + "; the largest is "
                    + largest(plan));
        }
    }

    /** Whether the process was ever larger than the budget since the last report. */
    boolean isOverBudget() {
        return budget != UNLIMITED && ProcessMemory.peak() > budget;
    }

    /**
     * Fails if {@link #isOverBudget}.
     *
     * @throws IllegalStateException naming the largest owner
     */
    void requireWithinBudget(long steps) {
        if (isOverBudget()) {
            long now = ProcessMemory.peak();
            measure(now);
            throw new IllegalStateException("memory at step " + steps + ": expected at most " + mib(budget)
                    + " (run.memory_budget), got " + mib(now) + " (" + list(withStep()) + "); the largest is "
                    + largest(withStep()) + "; a checkpoint has been written");
        }
    }

    /** The numbers of a line of the log, and the start of the next interval. */
    Map<String, Object> report(long steps) {
        long now = ProcessMemory.peak();
        measure(now);
        long resident = ProcessMemory.resident();
        history.addLast(new double[] {steps, resident / MIB});
        if (history.size() > TREND_POINTS) {
            history.removeFirst();
        }
        Map<String, Object> line = new LinkedHashMap<>();
        line.put("rss_mb", Math.round(resident / MIB));
        line.put("peak_mb", Math.round(peak / MIB));
        withStep().forEach((owner, bytes) -> line.put("memory_" + owner + "_mb", Math.round(10 * bytes / MIB) / 10.0));
        if (history.size() >= TREND_MIN) {
            line.put("memory_trend_mb_per_1000_steps", Math.round(10 * trend()) / 10.0);
        }
        ProcessMemory.resetPeak();
        return line;
    }

    /** A step's share is how far the process grew since before the first one, less heap and gradients. */
    private void measure(long now) {
        peak = Math.max(peak, now);
        step = Math.max(now - base - Math.max(heap() - heapBase, 0) - owners.get("gradients"), 0);
    }

    private Map<String, Long> withStep() {
        Map<String, Long> all = new LinkedHashMap<>(owners);
        all.put("step", step);
        return all;
    }

    /** Slope of the line through the last points, by least squares. */
    private double trend() {
        double meanStep =
                history.stream().mapToDouble(point -> point[0]).average().orElse(0);
        double meanSize =
                history.stream().mapToDouble(point -> point[1]).average().orElse(0);
        double product = 0;
        double square = 0;
        for (double[] point : history) {
            product += (point[0] - meanStep) * (point[1] - meanSize);
            square += (point[0] - meanStep) * (point[0] - meanStep);
        }
        return square == 0 ? 0 : PER_STEPS * product / square;
    }

    private static String list(Map<String, Long> owners) {
        StringBuilder text = new StringBuilder();
        owners.forEach((owner, bytes) -> text.append(text.isEmpty() ? "" : ", ")
                .append(owner)
                .append(' ')
                .append(mib(bytes)));
        return text.toString();
    }

    private static String largest(Map<String, Long> owners) {
        return owners.entrySet().stream()
                .max(Map.Entry.comparingByValue())
                .map(Map.Entry::getKey)
                .orElse("none");
    }

    private static String mib(long bytes) {
        return String.format(Locale.ROOT, "%.0f MiB", bytes / MIB);
    }
}
