// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.kernel.Checkpoints;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.RMSNorm;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.EngineArray;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * The decoder of Qwen2 (Yang et al., 2024) without its output layer: a causal language model read for its states.
 *
 * <p>Names are those of published checkpoints below {@code model.}.
 */
public final class Qwen2 extends Layer {
    private static final double EMBEDDING_STD = 0.02;
    private static final String PREFIX = "model.";
    private static final String OUTPUT = "lm_head.weight";

    private final Qwen2Config cfg;
    private final Weight embedding;
    private final List<Qwen2Layer> layers = new ArrayList<>();
    private final RMSNorm norm;
    private int segmentLength;

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

    /**
     * Loads published weights; the output layer, and queries that someone has stored with them, go unread.
     *
     * @param folder folder with safetensors, one file or sharded
     * @param weights owns the model
     * @throws IllegalArgumentException naming what is missing, unexpected or of another shape
     */
    public void load(Path folder, NDManager weights) {
        StateDict all = SafeTensors.readFolder(folder);
        StateDict own = all.renamed(name -> name.startsWith(PREFIX) ? name.substring(PREFIX.length()) : name);
        load(weights, own, name -> name.equals(OUTPUT) || Conditioner.isHeadName(name));
    }

    /** Whether a published checkpoint of the language model has a tensor of this name. */
    static boolean isPublishedName(String name) {
        return name.startsWith(PREFIX) || name.equals(OUTPUT);
    }

    /**
     * Divides the layers into segments whose activations are computed a second time in the backward pass instead of kept.
     *
     * @param count number of segments, at most one a layer; 0 keeps all activations
     */
    void setCheckpointSegments(int count) {
        segmentLength = count == 0 ? 0 : (layers.size() + count - 1) / count;
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
        int each = segmentLength == 0 ? layers.size() : segmentLength;
        NDArray h = x;
        for (int first = 0; first < layers.size(); first += each) {
            List<Qwen2Layer> segment = layers.subList(first, Math.min(first + each, layers.size()));
            h = segmentLength == 0
                    ? run(segment, h, rotation, mask)
                    : Checkpoints.run(in -> run(segment, in[0], rotation, mask), h); // the others get no gradient
        }
        return norm.forward(h);
    }

    private static NDArray run(List<Qwen2Layer> segment, NDArray x, NDArray rotation, NDArray mask) {
        NDArray h = x;
        for (Qwen2Layer layer : segment) {
            h = layer.forward(h, rotation, mask);
        }
        return h;
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
