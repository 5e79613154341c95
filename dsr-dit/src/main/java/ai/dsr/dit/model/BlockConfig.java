// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.dsr.core.nn.Dense;

/**
 * What distinguishes the blocks of the models.
 *
 * @param width token width D
 * @param conditionWidth width of the condition rows
 * @param numHeads attention heads K
 * @param mlpRatio hidden width of the MLP over D; see {@link #mlpSize}
 * @param qkNorm whether queries and keys are normed per head
 * @param swiglu SwiGLU instead of the two-layer GELU MLP
 * @param rmsnorm RMSNorm instead of layer norm
 * @param shift whether the condition shifts as well as scales
 * @param sinks whether attention has a learned extra key and value per head
 * @param xavier Xavier-uniform weights and zero biases instead of PyTorch's default initial values
 */
public record BlockConfig(
        int width,
        int conditionWidth,
        int numHeads,
        double mlpRatio,
        boolean qkNorm,
        boolean swiglu,
        boolean rmsnorm,
        boolean shift,
        boolean sinks,
        boolean xavier) {
    /** Checks that the heads divide the width. */
    public BlockConfig {
        ConfigChecks.heads("hidden_size", width, numHeads);
    }

    /** Head width d. */
    public int headWidth() {
        return width / numHeads;
    }

    /** Hidden width of the MLP: {@code int(D ratio)}, of which SwiGLU takes two thirds, truncated each time. */
    public int mlpSize() {
        int hidden = (int) (width * mlpRatio);
        return swiglu ? (int) (2.0 / 3 * hidden) : hidden;
    }

    /** Multiply-adds of the products with the MLP's weights, per token. */
    long mlpProducts() {
        return (swiglu ? 3L : 2L) * width * mlpSize();
    }

    /** A linear layer with bias and the initial values of this kind of block. */
    Dense dense(int in, int out) {
        return xavier ? Dense.xavier(in, out) : Dense.of(in, out, true);
    }
}
