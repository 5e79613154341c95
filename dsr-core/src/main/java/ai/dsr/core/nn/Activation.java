// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Kernels;

/** The non-linearities of the checkpoints, by the names that their configurations use. */
public enum Activation {
    /** Exact (erf) Gaussian error linear unit. */
    GELU,
    /** Its tanh approximation. */
    GELU_TANH,
    /** Sigmoid linear unit. */
    SILU,
    /** Rectified linear unit. */
    RELU;

    /** The activation called {@code gelu}, {@code gelu_new}, {@code gelu_pytorch_tanh}, {@code silu} or {@code relu}. */
    public static Activation of(String name) {
        return switch (name) {
            case "gelu" -> GELU;
            case "gelu_new", "gelu_pytorch_tanh" -> GELU_TANH;
            case "silu", "swish" -> SILU;
            case "relu" -> RELU;
            default ->
                throw new IllegalArgumentException(
                        "hidden_act: expected gelu, gelu_new, gelu_pytorch_tanh, silu or relu, got " + name);
        };
    }

    /** Applies the function, any shape. */
    public NDArray apply(NDArray x) {
        return switch (this) {
            case GELU -> Kernels.gelu(x);
            case GELU_TANH -> Kernels.geluTanh(x);
            case SILU -> Kernels.silu(x);
            case RELU -> ai.djl.nn.Activation.relu(x);
        };
    }
}
