// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.guidance;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.dit.model.Conditioning;
import ai.dsr.dit.model.Denoiser;

/**
 * Classifier-free guidance (Ho and Salimans, 2022): away from the prediction without a condition, towards that
 * with it.
 *
 * <p>Both predictions come from one call on a batch of twice the size. Where the interval has guidance off for the whole
 * batch, the call is on the batch itself. Scale 1 is no guidance.
 */
public final class ClassifierFreeGuidance implements Denoiser {
    private final Denoiser model;
    private final double scale;
    private final GuidanceInterval interval;
    private final Conditioning conditioning;

    /** Wraps a model; the prediction without a condition is the one under its own "nothing". */
    public ClassifierFreeGuidance(Denoiser model, double scale, GuidanceInterval interval) {
        this(model, scale, interval, model.conditioning());
    }

    /**
     * Wraps a model.
     *
     * @param conditioning makes the conditions that say nothing
     */
    public ClassifierFreeGuidance(Denoiser model, double scale, GuidanceInterval interval, Conditioning conditioning) {
        this.model = model;
        this.scale = scale;
        this.interval = interval;
        this.conditioning = conditioning;
    }

    @Override
    public NDArray forward(NDArray x, NDArray t, NDArray y) {
        float[] times = t.toFloatArray();
        if (!interval.isWeakNeeded(times)) {
            return model.forward(x, t, y);
        }
        // The weak half comes first so that every array belongs to the manager of x: y may live longer.
        NDArray none = conditioning.none(x.getManager(), y.getShape());
        NDArray both = model.forward(x.concat(x, 0), t.concat(t, 0), none.concat(y, 0)); // (2B, C, H, W)
        long batch = x.getShape().get(0);
        NDArray weak = both.get(new NDIndex().addSliceDim(0, batch));
        NDArray strong = both.get(new NDIndex().addSliceDim(batch, 2 * batch));
        return interval.combine(strong, weak, times, scale);
    }

    @Override
    public Conditioning conditioning() {
        return conditioning;
    }

    @Override
    public Shape latentShape() {
        return model.latentShape();
    }
}
