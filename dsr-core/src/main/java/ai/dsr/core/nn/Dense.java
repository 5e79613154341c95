// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.LayerKernels;

/** Linear layer {@code y = x W^T + b}; names {@code weight (O, I)} and {@code bias (O)}. */
public final class Dense extends Layer {
    private final Weight weight;
    private final Weight bias;

    /** A layer with the given initial values; {@code biasInit} null for a layer without bias. */
    public Dense(int in, int out, Initializer weightInit, Initializer biasInit) {
        weight = weight("weight", weightInit, out, in);
        bias = biasInit == null ? null : weight("bias", biasInit, out);
    }

    /** PyTorch's default initial values. */
    public static Dense of(int in, int out, boolean bias) {
        return new Dense(in, out, Initializer.fanIn(in), bias ? Initializer.fanIn(in) : null);
    }

    /** Xavier-uniform weight and zero bias, as diffusion transformers use. */
    public static Dense xavier(int in, int out) {
        return new Dense(in, out, Initializer.xavier(in, out), Initializer.zeros());
    }

    /** Zero weight and bias: a layer that starts as nothing (AdaLN-Zero). */
    public static Dense zeros(int in, int out) {
        return new Dense(in, out, Initializer.zeros(), Initializer.zeros());
    }

    /** Maps {@code x (..., I)} to {@code (..., O)}. */
    public NDArray forward(NDArray x) {
        return LayerKernels.linear(x, weight.get(), bias == null ? null : bias.get(), precision());
    }

    /** The bound arrays, for kernels that compute several layers at once. */
    public LayerKernels.Linear linear() {
        return new LayerKernels.Linear(weight.get(), bias == null ? null : bias.get());
    }
}
