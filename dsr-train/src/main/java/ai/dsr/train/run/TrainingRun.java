// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.Device;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Torch;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.MemoryLedger;
import ai.dsr.train.loop.StopRequest;
import ai.dsr.train.loop.TrainLoop;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The course of every training run: check, open, describe, resume, loop, finish. What trains is a {@link TrainingJob}. */
public final class TrainingRun {
    private static final Logger LOG = LoggerFactory.getLogger(TrainingRun.class);

    private TrainingRun() {}

    /**
     * Trains to the end or until someone asks to stop.
     *
     * @param recipe opens data and models
     * @param experiment the configuration; its {@code run.dir} is the run folder
     * @param manager owns everything
     * @throws IllegalArgumentException if the configuration or the folder does not fit; nothing has been written then
     */
    public static TrainLoop.Outcome train(
            TrainingJob.Recipe recipe, Experiment experiment, NDManager manager, Options options) {
        TrainingConfig training = experiment.config().bind("training", TrainingConfig.class);
        Path dir = RunFolder.check(experiment.run().dir(), options.resume());
        TrainingJob job = recipe.open(experiment, training, manager);
        List<NDManager> followers = new ArrayList<>();
        try {
            List<TrainTask> tasks = new ArrayList<>();
            tasks.add(job.task(manager));
            for (Device device : options.followers()) {
                followers.add(Torch.newManager(device));
                tasks.add(job.task(followers.get(followers.size() - 1)));
            }
            requireMemory(tasks, training, experiment.run().memoryBudgetBytes());
            TrainLoop loop = new TrainLoop(manager, tasks, training, dir);
            loop.setMemoryBudget(experiment.run().memoryBudgetBytes());
            RunFolder.Lock lock = RunFolder.lock(dir);
            try {
                RunFolder.describe(
                        dir,
                        job.resolved().config().with("training", training),
                        job.manifest()
                                .withInputs(RunInputs.of(experiment))
                                .withEnvironment(RunEnvironment.of(manager, options.followers())));
                return run(job, loop, dir, manager, options);
            } finally {
                lock.close();
            }
        } finally {
            followers.forEach(NDManager::close);
        }
    }

    private static void requireMemory(List<TrainTask> tasks, TrainingConfig training, long budget) {
        Map<String, Long> plan = MemoryLedger.plan(tasks.get(0), training, tasks.size());
        MemoryLedger.requireFits(plan, plan.get("weights"), budget);
    }

    private static TrainLoop.Outcome run(
            TrainingJob job, TrainLoop loop, Path dir, NDManager manager, Options options) {
        job.hooks().forEach(loop::addHook);
        if (options.resume()) {
            LOG.info("resumed after step {}", loop.resume());
        }
        TrainTask task = loop.task();
        LOG.info("training {} parameters on {} samples", task.model().parameterCount(), task.sampleCount());
        TrainLoop.Outcome outcome = loop.run(manager, options.stop());
        if (outcome.finished()) {
            job.finish(task, loop.state(), dir);
        }
        RunReport.write(dir);
        return outcome;
    }

    /**
     * How to run.
     *
     * @param resume whether to continue from the newest checkpoint of the run folder
     * @param followers devices of further replicas, beside that of the manager
     * @param stop by which another thread asks the run to end early
     */
    public record Options(boolean resume, List<Device> followers, StopRequest stop) {
        /** Copies the list. */
        public Options {
            followers = List.copyOf(followers);
        }

        /** A run on one device from nothing to its end. */
        public static Options fresh() {
            return new Options(false, List.of(), new StopRequest());
        }

        /** The same run, continued from its newest checkpoint. */
        public static Options resumed() {
            return new Options(true, List.of(), new StopRequest());
        }
    }
}
