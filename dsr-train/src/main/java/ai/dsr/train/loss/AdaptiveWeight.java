// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.dsr.core.kernel.AdversarialKernels;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.OptimizerKernels;

/**
 * A reconstruction and an adversarial loss of the same output, the latter weighted such that its gradient is as long as
 * that of the former (Esser et al., 2021, "Taming Transformers for High-Resolution Image Synthesis", equation 7):
 * {@code |d recon / dW| / (|d gan / dW| + 1e-6)} at the last layer W, clamped to [0, max].
 *
 * <p>Each loss is differentiated once, down to the output, and its graph is released there; what lies below is then
 * differentiated for both together.
 *
 * @param weight the weight, a scalar and a constant
 * @param total {@code recon + factor weight gan}, a scalar with that gradient
 */
public record AdaptiveWeight(NDArray weight, NDArray total) {
    private static final double EPS = 1e-6;

    /**
     * A loss and its gradient at the output, both constants.
     *
     * @param value the loss, a scalar
     * @param gradient in the shape of the output
     */
    public record Term(NDArray value, NDArray gradient) {
        /**
         * Differentiates a loss down to the output that it is computed from, and releases its graph.
         *
         * @throws IllegalStateException if nothing is being recorded
         */
        public static Term of(NDArray loss, NDArray output) {
            NDArray gradient = tape().gradients(loss, new NDList(output)).get(0);
            // A copy: the engine makes gradients as tensors that no recording may keep.
            return new Term(loss.stopGradient(), gradient.duplicate());
        }
    }

    /**
     * Weights and adds.
     *
     * @param recon loss of the reconstruction
     * @param gan loss of the generator; where its gradient is zero the weight is large, and {@code max} decides
     * @param output what both are computed from
     * @param lastLayer the weight matrix W, which the output is computed from
     * @param max largest weight
     * @param factor of the weighted loss
     * @throws IllegalStateException if nothing is being recorded
     */
    public static AdaptiveWeight of(
            Term recon, Term gan, NDArray output, NDArray lastLayer, double max, double factor) {
        NDArray weight =
                AdversarialKernels.clampedRatio(norm(recon, output, lastLayer), norm(gan, output, lastLayer), EPS, max);
        NDArray value = recon.value.add(Kernels.scale(gan.value.mul(weight), factor));
        NDArray gradient = recon.gradient.add(Kernels.scale(gan.gradient.mul(weight), factor));
        NDArray carrier = output.mul(gradient).sum(); // has the gradient, and another value
        return new AdaptiveWeight(weight, carrier.add(value.sub(carrier.stopGradient())));
    }

    /** Length of a term's gradient at the last layer. */
    private static NDArray norm(Term term, NDArray output, NDArray lastLayer) {
        NDArray carrier = output.mul(term.gradient).sum();
        return OptimizerKernels.globalNorm(tape().gradients(carrier, new NDList(lastLayer), true));
    }

    private static Autograd tape() {
        Autograd tape = Autograd.current();
        if (tape == null) {
            throw new IllegalStateException("adaptive weight: expected a recording to differentiate, got none");
        }
        return tape;
    }
}
