// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import ai.djl.ndarray.NDManager;
import ai.dsr.train.optim.NonFinitePolicy;
import ai.dsr.train.optim.TrainingConfig;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs steps and deals with those that are not finite as {@code training.non_finite} says.
 *
 * <p>In the good case this costs nothing: only the loss and the global norm are looked at, which the step reads anyway.
 */
final class StepGuard {
    private static final Logger LOG = LoggerFactory.getLogger(TrainLoop.class);

    private final TrainStep step;
    private final TrainState state;
    private final TrainingConfig config;
    private final RunLog log;
    private final Runnable rollback;

    /**
     * A guard of steps.
     *
     * @param rollback restores the newest checkpoint into the state
     */
    StepGuard(TrainStep step, TrainState state, TrainingConfig config, RunLog log, Runnable rollback) {
        this.step = step;
        this.state = state;
        this.config = config;
        this.log = log;
        this.rollback = rollback;
    }

    /**
     * Runs the next step.
     *
     * @return null if the step, or updates of the adversary after it, were left out, or the state went back
     * @throws NonFiniteException if the policy or its limit says so
     */
    TrainStep.Result run(NDManager root, int[] samples) {
        if (state.badSteps().contains(state.step())) {
            state.leaveOutStep();
            return null;
        }
        try {
            return step.run(root, samples);
        } catch (NonFiniteException e) {
            handle(e.explain(log.runFolder()));
            return null;
        }
    }

    private void handle(NonFiniteReport report) {
        NonFinitePolicy policy = config.nonFinite();
        if (policy == NonFinitePolicy.STOP) {
            throw new NonFiniteException(
                    report.step(),
                    report.message() + "; lower the learning rate or set training.non_finite to skip or rollback");
        }
        SortedSet<Long> bad = new TreeSet<>(state.badSteps());
        bad.add(report.step());
        if (bad.size() > config.nonFiniteLimit()) {
            throw new NonFiniteException(
                    report.step(),
                    report.message() + "; training.non_finite_limit (" + config.nonFiniteLimit() + ") is reached");
        }
        LOG.warn("{}; {}", report.message(), policy == NonFinitePolicy.SKIP ? "skipped" : "rolling back");
        if (policy == NonFinitePolicy.ROLLBACK) {
            rollback.run();
        } else if (state.step() == report.step()) { // it was not the adversary after an update of the model
            state.leaveOutStep();
        }
        state.badSteps().addAll(bad);
        log.values(report.step(), Map.of("non_finite", report.first(), "samples", report.samples()));
    }
}
