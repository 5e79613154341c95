// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.LayerKernels;
import ai.dsr.core.nn.Dense;

/** Gated network {@code w3(silu(a) * b)} with {@code [a, b] = w12(x)} (Shazeer, 2020), all with bias. */
public final class SwiGLUFFN extends FeedForward {
    private final Dense w12;
    private final Dense w3;

    /** A network of hidden width {@code hidden}; of the configuration it takes the width and the initial values. */
    public SwiGLUFFN(BlockConfig cfg, int hidden) {
        w12 = child("w12", cfg.dense(cfg.width(), 2 * hidden));
        w3 = child("w3", cfg.dense(hidden, cfg.width()));
    }

    @Override
    public NDArray forward(NDArray x) {
        return LayerKernels.swiGluMlp(x, w12.linear(), w3.linear(), precision());
    }
}
