// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDManager;
import ai.dsr.core.data.BatchOrder;
import ai.dsr.core.run.Progress;
import ai.dsr.train.optim.LrSchedule;
import ai.dsr.train.optim.NonFinitePolicy;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Runs a task to its last step, with metrics and checkpoints at their intervals and hooks after every step. */
public final class TrainLoop {
    private final Replicas replicas;
    private final TrainTask task;
    private final TrainingConfig config;
    private final TrainState state;
    private final CheckpointStore checkpoints;
    private final RunLog log;
    private final int stepsPerEpoch;
    private final BatchOrder order;
    private long memoryBudget = MemoryLedger.UNLIMITED;
    private final List<TrainHook> hooks = new ArrayList<>();

    /**
     * A run in {@code runFolder}, from step 0.
     *
     * @param manager owns the optimiser's state
     * @throws IllegalArgumentException if there are fewer samples than one batch takes
     */
    public TrainLoop(NDManager manager, TrainTask task, TrainingConfig config, Path runFolder) {
        this(manager, List.of(task), config, runFolder);
    }

    /** The same with a replica of the task on each device, the one of {@code manager} first. */
    public TrainLoop(NDManager manager, List<? extends TrainTask> tasks, TrainingConfig config, Path runFolder) {
        task = tasks.get(0);
        this.config = config;
        stepsPerEpoch = task.sampleCount() / config.globalBatchSize();
        if (stepsPerEpoch < 1) {
            throw new IllegalArgumentException("global_batch_size: expected at most the number of training images ("
                    + task.sampleCount() + "), got " + config.globalBatchSize());
        }
        state = TrainState.of(manager, task, config);
        replicas = new Replicas(tasks, config);
        checkpoints = new CheckpointStore(runFolder, config.keepCheckpoints());
        log = new RunLog(runFolder);
        order = new BatchOrder(task.sampleCount(), config.globalSeed());
        hooks.add(new Previews(task, config.sampleEvery()));
        hooks.add(new Inspections(task, config.inspectEvery()));
        if (config.powerEma() != null) {
            hooks.add(new EmaSnapshots(config.powerEma()));
        }
    }

    /** Sets the largest resident memory of the process, in bytes; without it there is no limit. */
    public void setMemoryBudget(long bytes) {
        memoryBudget = bytes;
    }

    /** Adds something to do after every step, before the checkpoint of that step is written. */
    public void addHook(TrainHook hook) {
        hooks.add(hook);
    }

    /**
     * Continues from the newest checkpoint if there is one, after removing what a killed process left; returns the steps
     * done.
     */
    public long resume() {
        checkpoints.recover();
        restoreNewest();
        return state.step();
    }

    private void restoreNewest() {
        checkpoints.latest().ifPresent(checkpoint -> CheckpointStore.restore(checkpoint, state));
        replicas.follow();
        log.rewind(state.step());
    }

    /** What trains, on the leading device. */
    public TrainTask task() {
        return task;
    }

    /** The state, for inspection and previews. */
    public TrainState state() {
        return state;
    }

    /** Optimiser steps of the whole run. */
    public long totalSteps() {
        return config.totalSteps(stepsPerEpoch);
    }

    /** Trains until the configured number of steps is done. */
    public Outcome run(NDManager root) {
        return run(root, new StopRequest());
    }

    /** Trains until the configured number of steps is done or someone asks to stop. */
    public Outcome run(NDManager root, StopRequest stop) {
        if (config.nonFinite() == NonFinitePolicy.ROLLBACK
                && checkpoints.latest().isEmpty()) {
            checkpoints.save(state); // something to go back to
        }
        stop.setRunning(true);
        try (Progress progress = Progress.start("Training", totalSteps(), state.step())) {
            loop(root, stop, progress);
        } finally {
            stop.setRunning(false);
        }
        Path newest = checkpoints.latest().orElseGet(() -> checkpoints.save(state));
        return new Outcome(newest, state.step(), state.step() >= totalSteps());
    }

    private void loop(NDManager root, StopRequest stop, Progress progress) {
        long total = totalSteps();
        long checkpointEvery = config.checkpointEvery(stepsPerEpoch);
        TrainStep step = new TrainStep(replicas, state, config, LrSchedule.of(config, stepsPerEpoch));
        StepGuard guard = new StepGuard(step, state, config, log, this::restoreNewest);
        MemoryLedger memory = new MemoryLedger(state, replicas, memoryBudget);
        StepReport report = new StepReport(state, config, total, log, progress, memory);
        long saved = state.step();
        while (state.step() < total && !stop.isRequested(state.step())) {
            long before = state.step();
            int[] samples = samplesOf(before);
            TrainStep.Result result = guard.run(root, samples);
            if (state.step() <= before) {
                continue; // rolled back
            }
            state.addToOrder(samples);
            report.add(result);
            hooks.forEach(hook -> hook.after(state, log));
            long done = state.step();
            if (done % checkpointEvery == 0) {
                checkpoints.save(state);
                saved = done;
            }
            if (memory.isOverBudget()) {
                break; // with a checkpoint
            }
        }
        if (state.step() != saved) {
            checkpoints.save(state);
        }
        memory.requireWithinBudget(state.step());
    }

    /** Positions of an epoch that do not fill a batch are left out: every epoch has whole batches. */
    private int[] samplesOf(long step) {
        long epoch = step / stepsPerEpoch;
        long first = epoch * task.sampleCount() + (step % stepsPerEpoch) * config.globalBatchSize();
        return order.samplesAt(first, config.globalBatchSize());
    }

    /**
     * How a loop ended.
     *
     * @param checkpoint the newest one
     * @param step steps done
     * @param finished whether all steps are done, not stopped before
     */
    public record Outcome(Path checkpoint, long step, boolean finished) {}
}
