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
import ai.dsr.core.tensor.EngineArray;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

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

    private final Weight frequencies; // null: the fixed ones of the text-to-image model
    private final Dense mlp0;
    private final Dense mlp2;

    /**
     * An embedding into {@code width} with frequencies of its own.
     *
     * @param zeroBias whether the MLP's biases start at zero, else at PyTorch's default
     */
    public GaussianFourierEmbedding(int width, int count, boolean zeroBias) {
        this(width, count, zeroBias, true);
    }

    private GaussianFourierEmbedding(int width, int count, boolean zeroBias, boolean ownFrequencies) {
        frequencies = ownFrequencies ? table("W", Initializer.normal(1), count) : null;
        mlp0 = child("mlp.0", dense(2 * count, width, zeroBias));
        mlp2 = child("mlp.2", dense(width, width, zeroBias));
    }

    /** An embedding with the frequencies that all text-to-image models share; they are no weight. */
    public static GaussianFourierEmbedding shared(int width) {
        return new GaussianFourierEmbedding(width, FREQUENCIES, true, false);
    }

    /** The frequencies of {@link #shared}. */
    public static float[] sharedFrequencies() {
        return SharedFrequencies.VALUES.clone();
    }

    private static Dense dense(int in, int out, boolean zeroBias) {
        Initializer bias = zeroBias ? Initializer.zeros() : Initializer.fanIn(in);
        return new Dense(in, out, Initializer.normal(MLP_STD), bias);
    }

    /** Maps times {@code t (B)} to {@code (B, D)}. */
    public NDArray forward(NDArray t) {
        NDArray w = frequencies == null ? EngineArray.of(t.getManager(), SharedFrequencies.VALUES) : frequencies.get();
        NDArray angle = Kernels.scale(Kernels.scale(t.reshape(-1, 1).mul(w), 2), Math.PI); // rounded in this order
        NDArray waves = NDArrays.concat(new NDList(angle.sin(), angle.cos()), 1); // (B, 2 frequencies)
        return mlp2.forward(Kernels.silu(mlp0.forward(waves)));
    }

    /** Operations of one sample. */
    static long flops(long width) {
        return 2 * (2L * FREQUENCIES * width + width * width);
    }

    /** Read when the first text-to-image model asks for them. */
    private static final class SharedFrequencies {
        private static final float[] VALUES = read("text-frequencies.txt");

        private static float[] read(String resource) {
            try (InputStream in = GaussianFourierEmbedding.class.getResourceAsStream(resource)) {
                List<String> lines = new String(in.readAllBytes(), StandardCharsets.UTF_8)
                        .lines()
                        .filter(line -> !line.startsWith("#"))
                        .toList();
                float[] values = new float[lines.size()];
                for (int i = 0; i < values.length; i++) {
                    values[i] = Float.parseFloat(lines.get(i));
                }
                return values;
            } catch (IOException e) {
                throw new UncheckedIOException(resource + ": cannot read", e);
            }
        }
    }
}
