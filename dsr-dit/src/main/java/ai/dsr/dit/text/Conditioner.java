// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.model.ActivationTap;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Text to the condition rows of a text-to-image model: latent queries read a causal language model (MetaQuery, Pan et
 * al., 2025).
 *
 * <p>The queries follow the text; attention is causal for them, too, so that a query sees the text and the queries before
 * it. Their final states, projected, are the rows, one an image token. A padded batch gives what its texts give one by
 * one; padding goes in front, so that the queries stay at the end.
 */
public final class Conditioner extends Layer {
    private static final double QUERY_STD = 0.02;

    private final Qwen2 language;
    private final int queryCount;
    private final int width;
    private final Weight queries;
    private final Dense projector;

    /**
     * A model without memory: initialise or load it.
     *
     * @param numQueries L, as many as the denoiser has image tokens
     * @param zChannels width Z of the rows; 0: that of the language model, without a projection
     */
    public Conditioner(Qwen2Config language, int numQueries, int zChannels) {
        if (numQueries < 1 || zChannels < 0) {
            throw new IllegalArgumentException("num_queries: expected 1 or more, and z_channels 0 or more, got "
                    + numQueries + " and " + zChannels);
        }
        queryCount = numQueries;
        int hidden = language.hiddenSize();
        width = zChannels == 0 ? hidden : zChannels;
        this.language = child("model", new Qwen2(language));
        queries = weight("latent_queries", Initializer.normal(QUERY_STD), numQueries, hidden);
        projector = zChannels == 0 ? null : child("diff_head_projector", Dense.of(hidden, zChannels, true));
    }

    /**
     * Loads a published language model and the trained parts that go with it.
     *
     * @param folder folder with {@code config.json} and safetensors, one file or sharded
     * @param head file with {@code latent_queries} and {@code diff_head_projector.*}; null if the folder has them too
     * @param weights owns the model
     * @throws IllegalArgumentException naming what is missing, unexpected or of another shape
     */
    public static Conditioner load(Path folder, Path head, NDManager weights) {
        Map<String, TensorData> all =
                new LinkedHashMap<>(SafeTensors.readFolder(folder).toMap());
        if (head != null) {
            all.putAll(SafeTensors.read(head).toMap());
        }
        StateDict state = StateDict.of(head == null ? folder.toString() : folder + " and " + head, all);
        int queryCount = Math.toIntExact(state.get("latent_queries").shape()[0]);
        boolean isProjected = state.has("diff_head_projector.weight");
        int width = isProjected
                ? Math.toIntExact(state.get("diff_head_projector.weight").shape()[0])
                : 0;
        Conditioner model = new Conditioner(Qwen2Config.read(folder.resolve("config.json")), queryCount, width);
        model.load(weights, state, "lm_head.weight"::equals);
        return model;
    }

    /** Number L of rows. */
    public int rows() {
        return queryCount;
    }

    /** Width Z of a row. */
    public int width() {
        return width;
    }

    /** The language model, which usually stays as it was pretrained. */
    public Qwen2 language() {
        return language;
    }

    /**
     * Rows of texts.
     *
     * @param ids token ids {@code (B, n)} int64; n may be 0
     * @param mask {@code (B, n)} int64, 1 for a token and 0 for padding, which comes first; null for no padding
     * @param tap sees {@code hidden (B, n + L, D)}, the states after the final norm, zero where there is padding
     * @return {@code (B, L, Z)}, in the manager of the ids
     * @throws IllegalArgumentException if padding follows a token
     */
    public NDArray forward(NDArray ids, NDArray mask, ActivationTap tap) {
        Shapes.require("ids", ids, Shapes.ANY, Shapes.ANY);
        long batch = ids.getShape().get(0);
        long length = ids.getShape().get(1);
        NDManager owner = ids.getManager();
        NDArray read = TensorScope.view(queries.get(), owner).expandDims(0).repeat(0, batch); // (B, L, D)
        NDArray x = length == 0 ? read : language.embed(ids).concat(read, 1); // (B, n + L, D)
        NDArray present = null;
        if (mask != null) {
            Shapes.require("mask", mask, batch, length);
            present = mask.concat(owner.ones(new Shape(batch, queryCount), DataType.INT64), 1);
        }
        NDArray hidden = language.forward(x, positions(present, batch, length), present);
        if (present != null) {
            hidden = hidden.mul(present.toType(DataType.FLOAT32, false).expandDims(2));
        }
        tap.accept("hidden", hidden);
        NDArray last = hidden.get(new NDIndex(":, {}:", length)); // (B, L, D)
        return projector == null ? last : projector.forward(last);
    }

    /** The place of each token in its text: the number of tokens before it, 0 for padding. */
    private long[] positions(NDArray present, long batch, long length) {
        int each = Math.toIntExact(length + queryCount);
        long[] flags = present == null ? null : present.toLongArray();
        long[] positions = new long[Math.toIntExact(batch * each)];
        for (int i = 0; i < positions.length; i++) {
            boolean isFirst = i % each == 0;
            if (flags != null && !isFirst && flags[i] == 0 && flags[i - 1] == 1) {
                throw new IllegalArgumentException(
                        "mask: expected padding in front of the text, got padding behind a token");
            }
            boolean isAfterToken = !isFirst && (flags == null || flags[i - 1] == 1);
            positions[i] = isAfterToken ? positions[i - 1] + 1 : 0;
        }
        return positions;
    }
}
