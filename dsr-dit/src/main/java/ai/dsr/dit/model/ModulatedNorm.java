// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Kernels;

/** A norm followed by {@code (1 + scale) y + shift}; in the blocks an RMSNorm or a layer norm without weights. */
@FunctionalInterface
interface ModulatedNorm {
    /** Eps of the layer norm; that of RMSNorm is the same. */
    double EPS = 1e-6;

    /** Layer norm without weights. */
    ModulatedNorm LAYER_NORM =
            (x, shift, scale) -> Kernels.modulate(Kernels.layerNorm(x, null, null, EPS), shift, scale);

    /** No norm, modulation alone. */
    ModulatedNorm NONE = Kernels::modulate;

    /** Maps {@code x (B, N, D)} to the same shape; shift and scale broadcast against it. */
    NDArray apply(NDArray x, NDArray shift, NDArray scale);
}
