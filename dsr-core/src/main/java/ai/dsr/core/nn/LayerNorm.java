// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Kernels;

/** Layer norm over the last axis, biased variance, with {@code weight (D)} and {@code bias (D)} or without. */
public final class LayerNorm extends Layer {
    private final Weight weight;
    private final Weight bias;
    private final double eps;

    private LayerNorm(boolean affine, int width, double eps) {
        this.eps = eps;
        weight = affine ? weight("weight", Initializer.ones(), width) : null;
        bias = affine ? weight("bias", Initializer.zeros(), width) : null;
    }

    /** A norm with weight and bias. */
    public static LayerNorm affine(int width, double eps) {
        return new LayerNorm(true, width, eps);
    }

    /** A norm without parameters. */
    public static LayerNorm plain(double eps) {
        return new LayerNorm(false, 0, eps);
    }

    /** The bound weight {@code (D)} of an affine norm, for kernels that compute several layers at once. */
    public NDArray weight() {
        return weight.get();
    }

    /** The bound bias {@code (D)} of an affine norm. */
    public NDArray bias() {
        return bias.get();
    }

    /** Maps {@code x (..., D)} to the same shape. */
    public NDArray forward(NDArray x) {
        return weight == null
                ? Kernels.layerNorm(x, null, null, eps)
                : Kernels.layerNorm(x, weight.get(), bias.get(), eps);
    }
}
