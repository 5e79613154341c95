// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.dsr.core.kernel.AdversarialKernels;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.OptimizerKernels;

/**
 * The weight that makes the adversarial gradient as long as that of the reconstruction (Esser et al., 2021, "Taming
 * Transformers for High-Resolution Image Synthesis", equation 7): {@code |d recon / dW| / (|d gan / dW| + 1e-6)} at the
 * last layer W, clamped to [0, max].
 */
public final class AdaptiveWeight {
    private static final double EPS = 1e-6;

    private AdaptiveWeight() {}

    /**
     * The weight of {@code gan}, a scalar and a constant of the current recording, which may be differentiated again.
     *
     * @param recon loss of the reconstruction, a scalar
     * @param gan loss of the generator, a scalar; where its gradient is zero the weight is large, and {@code max} decides
     * @param lastLayer the weight matrix W
     * @throws IllegalStateException if nothing is being recorded
     */
    public static NDArray of(NDArray recon, NDArray gan, NDArray lastLayer, double max) {
        Autograd tape = Autograd.current();
        if (tape == null) {
            throw new IllegalStateException("adaptive weight: expected a recording to differentiate, got none");
        }
        NDArray wanted = norm(tape, recon, lastLayer);
        NDArray given = norm(tape, gan, lastLayer);
        return AdversarialKernels.clampedRatio(wanted, given, EPS, max);
    }

    private static NDArray norm(Autograd tape, NDArray loss, NDArray weight) {
        return OptimizerKernels.globalNorm(tape.gradients(loss, new NDList(weight), true));
    }
}
