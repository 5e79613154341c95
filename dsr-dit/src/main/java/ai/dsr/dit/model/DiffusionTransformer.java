// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.nn.Layer;

/** A class-conditional denoiser with weights: what training, sampling and loading need beyond {@link Denoiser}. */
public abstract sealed class DiffusionTransformer extends Layer implements Denoiser permits LightningDiT, DiTDH {
    /** The replacement of labels that training applies before {@link #forward}. */
    public abstract LabelDropout labelDropout();

    /** Floating-point operations of one sample: two per multiply-add of every matrix product. */
    public abstract long forwardFlops();

    /**
     * {@link Denoiser#forward} with a look inside.
     *
     * @param tap sees intermediate results, among them {@code block.i (B, R + N, D)} after block i
     */
    public abstract NDArray forward(NDArray x, NDArray t, NDArray y, ActivationTap tap);

    @Override
    public final NDArray forward(NDArray x, NDArray t, NDArray y) {
        return forward(x, t, y, ActivationTap.NONE);
    }

    /** Whether published checkpoints hold {@code name} although it follows from the configuration: a loader skips it. */
    public static boolean isDerived(String name) {
        return RotaryTable.isStored(name);
    }
}
