// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;

/**
 * Embeds times by sines and cosines of random frequencies (Tancik et al., 2020) and a small MLP.
 *
 * <p>Times are taken as they are, in [0, 1]. The frequencies are a table by construction, but the published models
 * trained them like any weight.
 */
public final class GaussianFourierEmbedding extends Layer {
    /** Number of frequencies of the models. */
    public static final int FREQUENCIES = 256;

    private static final double MLP_STD = 0.02;

    private final Weight frequencies;
    private final Dense mlp0;
    private final Dense mlp2;

    /**
     * An embedding into {@code width}.
     *
     * @param zeroBias whether the MLP's biases start at zero, else at PyTorch's default
     */
    public GaussianFourierEmbedding(int width, int count, boolean zeroBias) {
        frequencies = table("W", Initializer.normal(1), count);
        mlp0 = child("mlp.0", dense(2 * count, width, zeroBias));
        mlp2 = child("mlp.2", dense(width, width, zeroBias));
    }

    private static Dense dense(int in, int out, boolean zeroBias) {
        Initializer bias = zeroBias ? Initializer.zeros() : Initializer.fanIn(in);
        return new Dense(in, out, Initializer.normal(MLP_STD), bias);
    }

    /** Maps times {@code t (B)} to {@code (B, D)}. */
    public NDArray forward(NDArray t) {
        NDArray angle = t.reshape(-1, 1).mul(frequencies.get()).mul(2).mul(Math.PI); // rounded in this order
        NDArray waves = NDArrays.concat(new NDList(angle.sin(), angle.cos()), 1); // (B, 2 frequencies)
        return mlp2.forward(Kernels.silu(mlp0.forward(waves)));
    }

    /** Operations of one sample. */
    static long flops(long width) {
        return 2 * (2L * FREQUENCIES * width + width * width);
    }
}
