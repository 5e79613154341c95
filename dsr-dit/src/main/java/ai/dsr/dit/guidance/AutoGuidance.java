// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.dit.model.Conditioning;
import ai.dsr.dit.model.Denoiser;

/**
 * Autoguidance (Karras et al., 2024): away from the prediction of a worse model of the same data, towards the model's own.
 *
 * <p>The guide is called only where the interval has guidance on for a sample. Scale 1 is no guidance.
 */
public final class AutoGuidance implements Denoiser {
    private final Denoiser model;
    private final Denoiser guide;
    private final double scale;
    private final GuidanceInterval interval;

    /**
     * Wraps a model and its guide.
     *
     * @throws IllegalArgumentException if they differ in their conditions
     */
    public AutoGuidance(Denoiser model, Denoiser guide, double scale, GuidanceInterval interval) {
        String expected = model.conditioning().describe();
        String got = guide.conditioning().describe();
        if (!expected.equals(got)) {
            throw new IllegalArgumentException("guidance_model: expected the model's " + expected + ", got " + got);
        }
        this.model = model;
        this.guide = guide;
        this.scale = scale;
        this.interval = interval;
    }

    @Override
    public NDArray forward(NDArray x, NDArray t, NDArray y) {
        float[] times = t.toFloatArray();
        NDArray strong = model.forward(x, t, y);
        return interval.isWeakNeeded(times) ? interval.combine(strong, guide.forward(x, t, y), times, scale) : strong;
    }

    @Override
    public Conditioning conditioning() {
        return model.conditioning();
    }

    @Override
    public Shape latentShape() {
        return model.latentShape();
    }
}
