// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.cli;

import ai.dsr.sample.config.Experiment;
import ai.dsr.train.run.DecoderRun;
import ai.dsr.train.run.DenoiserRun;
import ai.dsr.train.run.TextDenoiserRun;
import ai.dsr.train.run.TrainingJob;

/** What kind of run a configuration is for. */
final class RecipeOf {
    private RecipeOf() {}

    /** A denoiser, of captions or classes, where there is a section {@code stage_2}, else a decoder. */
    static TrainingJob.Recipe experiment(Experiment experiment) {
        return experiment.has("stage_2") ? denoiser(experiment) : DecoderRun::open;
    }

    /** A denoiser of captions or of classes. */
    static TrainingJob.Recipe denoiser(Experiment experiment) {
        return experiment.isTextToImage() ? TextDenoiserRun::open : DenoiserRun::open;
    }
}
