// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.pipeline;

import ai.djl.ndarray.NDManager;
import ai.dsr.dit.guidance.GuidanceConfig;
import ai.dsr.dit.guidance.GuidanceMethod;
import ai.dsr.dit.model.Denoiser;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.sample.bundle.Stages;
import ai.dsr.sample.config.Experiment;

/** Guidance of a pipeline's denoiser; the worse model of autoguidance is loaded when it is first needed. */
final class Guide {
    private final Experiment experiment;
    private final DiffusionTransformer model;
    private final NDManager manager;
    private DiffusionTransformer worse;

    /** Guidance of {@code model}; {@code manager} will own the worse model. */
    Guide(Experiment experiment, DiffusionTransformer model, NDManager manager) {
        this.experiment = experiment;
        this.model = model;
        this.manager = manager;
    }

    /** The model, guided as configured; products of the worse one run in the precision of the model. */
    Denoiser guided(GuidanceConfig guidance) {
        boolean needsWorse = guidance.isActive() && guidance.method() == GuidanceMethod.AUTOGUIDANCE;
        if (needsWorse && worse == null) {
            worse = Stages.guide(experiment, manager);
        }
        if (needsWorse) {
            worse.setPrecision(model.precision());
        }
        return guidance.guide(model, worse);
    }
}
