// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.RMSNorm;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.EngineArray;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder of Qwen2 (Yang et al., 2024) without its output layer: a causal language model read for its states.
 *
 * <p>Names are those of published checkpoints below {@code model.}.
 */
public final class Qwen2 extends Layer {
    private static final double EMBEDDING_STD = 0.02;

    private final Qwen2Config cfg;
    private final Weight embedding;
    private final List<Qwen2Layer> layers = new ArrayList<>();
    private final RMSNorm norm;

    /** A model without memory: initialise or load it. */
    public Qwen2(Qwen2Config cfg) {
        this.cfg = cfg;
        embedding = weight("embed_tokens.weight", Initializer.normal(EMBEDDING_STD), cfg.vocabSize(), cfg.hiddenSize());
        for (int i = 0; i < cfg.numHiddenLayers(); i++) {
            layers.add(child("layers." + i, new Qwen2Layer(cfg)));
        }
        norm = child("norm", new RMSNorm(cfg.hiddenSize(), cfg.rmsNormEps()));
    }

    /** The settings. */
    public Qwen2Config config() {
        return cfg;
    }

    /** Embeds {@code ids (B, N)} int64 as {@code (B, N, D)}. */
    public NDArray embed(NDArray ids) {
        return Kernels.embedding(ids, embedding.get());
    }

    /**
     * States after the final norm.
     *
     * @param x embedded tokens {@code (B, N, D)}
     * @param positions the place of each token in its text, B N numbers in row-major order
     * @param mask {@code (B, N)}, 1 for a token and 0 for padding, whose states mean nothing; null for no padding
     * @return {@code (B, N, D)}
     */
    public NDArray forward(NDArray x, long[] positions, NDArray mask) {
        NDArray rotation = rotation(x, positions);
        NDArray h = x;
        for (Qwen2Layer layer : layers) {
            h = layer.forward(h, rotation, mask);
        }
        return norm.forward(h);
    }

    /** Cosines and sines {@code (B, N, d/2, 2)}: frequency j is {@code theta^(-2j/d)}; all in float32. */
    private NDArray rotation(NDArray x, long[] positions) {
        NDManager owner = x.getManager();
        int pairs = cfg.headWidth() / 2;
        float[] values = new float[2 * pairs * positions.length];
        for (int j = 0; j < pairs; j++) {
            float frequency = 1 / (float) Math.pow(cfg.ropeTheta(), 2.0 * j / cfg.headWidth());
            for (int i = 0; i < positions.length; i++) {
                float angle = frequency * positions[i];
                values[2 * (i * pairs + j)] = (float) Math.cos(angle);
                values[2 * (i * pairs + j) + 1] = (float) Math.sin(angle);
            }
        }
        Shape shape = x.getShape();
        return EngineArray.of(owner, values, new Shape(shape.get(0), shape.get(1), pairs, 2));
    }
}
