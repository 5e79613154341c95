// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.LayerKernels;
import ai.dsr.core.nn.Dense;

/** Two linear layers around a GELU in its tanh approximation. */
public final class Mlp extends FeedForward {
    private final Dense fc1;
    private final Dense fc2;

    /** A network of hidden width {@code hidden}; of the configuration it takes the width and the initial values. */
    public Mlp(BlockConfig cfg, int hidden) {
        fc1 = child("fc1", cfg.dense(cfg.width(), hidden));
        fc2 = child("fc2", cfg.dense(hidden, cfg.width()));
    }

    @Override
    public NDArray forward(NDArray x) {
        return LayerKernels.geluMlp(x, fc1.linear(), fc2.linear(), precision());
    }
}
