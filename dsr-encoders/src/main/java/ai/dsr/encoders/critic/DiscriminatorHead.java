// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.CriticKernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;

/**
 * One head of the discriminator (Sauer et al., 2023): from an activation of the transformer to a logit for every patch.
 *
 * <p>A block across channels, a residual block across {@code ks} neighbouring tokens, and a projection to one channel.
 */
public final class DiscriminatorHead extends Layer {
    private final Block channels;
    private final Block neighbours;
    private final RingConv logits;

    /** A head of the configuration's sizes; holds no memory until it is initialised or loaded. */
    public DiscriminatorHead(DinoDiscriminatorConfig config) {
        channels = child("0", new Block(config, 1));
        neighbours = child("1.fn", new Block(config, config.ks()));
        logits = child("2", new RingConv(config.sizes().embedDim(), 1, 1, config.usingSpecNorm()));
    }

    /**
     * Maps an activation {@code (B, E, T)} to logits {@code (B, T)}.
     *
     * @param training whether each convolution makes a power iteration first, which changes its buffers
     */
    public NDArray forward(NDArray activation, boolean training) {
        NDArray x = CriticKernels.block(activation, channels.conv.weights(training), channels.norm());
        NDArray y = CriticKernels.residual(x, neighbours.conv.weights(training), neighbours.norm());
        return CriticKernels.logits(y, logits.weights(training));
    }

    /** A convolution {@code 0} and a norm {@code 1}. */
    private static final class Block extends Layer {
        private final RingConv conv;
        private final Weight scale;
        private final Weight shift;
        private final int groups;
        private final double eps;

        Block(DinoDiscriminatorConfig config, int kernel) {
            int width = config.sizes().embedDim();
            conv = child("0", new RingConv(width, width, kernel, config.usingSpecNorm()));
            scale = weight("1.weight", Initializer.ones(), width);
            shift = weight("1.bias", Initializer.zeros(), width);
            groups = config.normType().groups(width);
            eps = config.normEps();
        }

        CriticKernels.GroupNorm norm() {
            return new CriticKernels.GroupNorm(scale.get(), shift.get(), groups, eps);
        }
    }
}
