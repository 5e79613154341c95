// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.tensor.EngineArray;

/**
 * Embeds times by cosines and sines of geometric frequencies and a small MLP, an option of the text-to-image model.
 *
 * <p>Frequency k of h is {@code maxPeriod^(-k/h)}. Times are taken as they are, in [0, 1].
 */
public final class TimestepEmbedder extends Layer {
    /** The longest period of the models. */
    public static final double MAX_PERIOD = 10000;

    /** Number of waves of the models. */
    public static final int FREQUENCY_SIZE = 256;

    private static final double MLP_STD = 0.02;

    private final int size;
    private final double maxPeriod;
    private final Dense mlp0;
    private final Dense mlp2;

    /** An embedding of {@code frequencySize} waves into {@code width}. */
    public TimestepEmbedder(int width, int frequencySize, double maxPeriod) {
        size = frequencySize;
        this.maxPeriod = maxPeriod;
        mlp0 = child("mlp.0", new Dense(frequencySize, width, Initializer.normal(MLP_STD), Initializer.zeros()));
        mlp2 = child("mlp.2", new Dense(width, width, Initializer.normal(MLP_STD), Initializer.zeros()));
    }

    /** The waves of times {@code t (B)}: all cosines, all sines, and a zero if the size is odd; {@code (B, F)}. */
    public NDArray waves(NDArray t) {
        int half = size / 2;
        float[] frequencies = new float[half];
        for (int k = 0; k < half; k++) {
            frequencies[k] = (float) Math.exp(-Math.log(maxPeriod) * k / half);
        }
        NDArray column = t.reshape(-1, 1);
        NDArray angle = column.mul(EngineArray.of(t.getManager(), frequencies, new Shape(1, half)));
        NDList parts = new NDList(angle.cos(), angle.sin());
        if (size % 2 == 1) {
            parts.add(column.zerosLike());
        }
        return NDArrays.concat(parts, 1);
    }

    /** Maps times {@code t (B)} to {@code (B, D)}. */
    public NDArray forward(NDArray t) {
        return mlp2.forward(Kernels.silu(mlp0.forward(waves(t))));
    }
}
