// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.run;

import ai.djl.ndarray.NDManager;
import ai.dsr.sample.bundle.BundleManifest;
import ai.dsr.sample.config.Experiment;
import ai.dsr.train.loop.TrainHook;
import ai.dsr.train.loop.TrainState;
import ai.dsr.train.loop.TrainTask;
import ai.dsr.train.optim.TrainingConfig;
import java.nio.file.Path;
import java.util.List;

/** What one kind of run brings along: data and models, opened; {@link TrainingRun} does the rest. */
public interface TrainingJob {
    /**
     * What trains. The model is initialised and everything belongs to {@code manager}, so that each device can have a
     * replica; further calls give the same initial weights.
     */
    TrainTask task(NDManager manager);

    /** The configuration such that the run folder, whose relative paths start there, opens as a bundle. */
    Experiment resolved();

    /** Classes, and the hashes of everything that went in. */
    BundleManifest manifest();

    /** What the run does beside training. */
    default List<TrainHook> hooks() {
        return List.of();
    }

    /** Writes what a finished run leaves in its folder beside checkpoints. */
    default void finish(TrainTask task, TrainState state, Path runFolder) {}

    /** Opens jobs of one kind, such as {@code DenoiserRun::open}. */
    @FunctionalInterface
    interface Recipe {
        /**
         * Checks all sections, then opens data and models.
         *
         * @param manager owns what the job itself needs, such as an encoder
         */
        TrainingJob open(Experiment experiment, TrainingConfig training, NDManager manager);
    }
}
