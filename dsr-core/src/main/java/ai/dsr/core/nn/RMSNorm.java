// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Kernels;

/** Root-mean-square norm over the last axis (Zhang and Sennrich, 2019); name {@code weight (D)}. */
public final class RMSNorm extends Layer {
    /** Added to the mean square. */
    public static final double EPS = 1e-6;

    private final double eps;
    private final Weight weight;

    /** A norm that starts as the identity up to scale, with eps 1e-6. */
    public RMSNorm(int width) {
        this(width, EPS);
    }

    /** A norm with another eps. */
    public RMSNorm(int width, double eps) {
        this.eps = eps;
        weight = weight("weight", Initializer.ones(), width);
    }

    /** The bound array {@code (D)}, for kernels that compute several layers at once. */
    public NDArray weight() {
        return weight.get();
    }

    /** Maps {@code x (..., D)} to the same shape. */
    public NDArray forward(NDArray x) {
        return Kernels.rmsNorm(x, weight.get(), eps);
    }

    /** The norm followed by {@code (1 + scale) y + shift}; shift and scale broadcast against {@code x (B, N, D)}. */
    public NDArray forward(NDArray x, NDArray shift, NDArray scale) {
        return Kernels.rmsNormModulate(x, weight.get(), shift, scale, eps);
    }
}
