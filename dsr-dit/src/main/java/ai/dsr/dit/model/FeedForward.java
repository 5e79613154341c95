// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.nn.Layer;

/** The per-token network of a block. */
public abstract sealed class FeedForward extends Layer permits Mlp, SwiGLUFFN {
    /** The network that the configuration asks for. */
    static FeedForward of(BlockConfig cfg) {
        return cfg.swiglu() ? new SwiGLUFFN(cfg, cfg.mlpSize()) : new Mlp(cfg, cfg.mlpSize());
    }

    /** Maps {@code x (..., D)} to the same shape. */
    public abstract NDArray forward(NDArray x);
}
