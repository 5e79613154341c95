// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.checkpoint.WeightFile;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.dit.model.ActivationTap;
import java.nio.file.Path;

/**
 * Text to the condition rows of a text-to-image model: latent queries read a causal language model (MetaQuery, Pan et
 * al., 2025).
 *
 * <p>The queries follow the text; attention is causal for them, too, so that a query sees the text and the queries before
 * it. Their final states, projected, are the rows, one an image token. A padded batch gives what its texts give one by
 * one; padding goes in front, so that the queries stay at the end.
 *
 * <p>The weights are the queries and the projection. The language model is a companion: gradients flow through it, but it
 * stays as it was pretrained, and its weights are loaded and stored apart.
 */
public final class Conditioner extends RowReader {
    private static final String LABEL = "conditioner";
    private static final String QUERIES = "latent_queries";
    private static final String PROJECTOR = "diff_head_projector";
    private static final double QUERY_STD = 0.02;

    private final Qwen2 language;
    private final int queryCount;
    private final int width;
    private final Weight queries;
    private final Dense projector;

    /**
     * A model without memory: initialise or load it, and load the language model.
     *
     * @param numQueries L, as many as the denoiser has image tokens
     * @param zChannels width Z of the rows; 0: that of the language model, without a projection
     */
    public Conditioner(Qwen2 language, int numQueries, int zChannels) {
        if (numQueries < 1 || zChannels < 0) {
            throw new IllegalArgumentException("num_queries: expected 1 or more, and z_channels 0 or more, got "
                    + numQueries + " and " + zChannels);
        }
        queryCount = numQueries;
        int hidden = language.config().hiddenSize();
        width = zChannels == 0 ? hidden : zChannels;
        this.language = companion(language);
        queries = weight(QUERIES, Initializer.normal(QUERY_STD), numQueries, hidden);
        projector = zChannels == 0 ? null : child(PROJECTOR, Dense.of(hidden, zChannels, true));
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
        StateDict parts = headOf(WeightFile.read(head == null ? folder : head));
        int queryCount = Math.toIntExact(parts.get(QUERIES).shape()[0]);
        boolean isProjected = parts.has(PROJECTOR + ".weight");
        int width =
                isProjected ? Math.toIntExact(parts.get(PROJECTOR + ".weight").shape()[0]) : 0;
        Qwen2 language = new Qwen2(Qwen2Config.read(folder.resolve("config.json")));
        language.load(folder, weights);
        Conditioner model = new Conditioner(language, queryCount, width);
        model.load(weights, parts);
        return model;
    }

    /**
     * Queries and projection out of a file that may have more: those of a language model beside them, or a model of this
     * library, where they stand behind {@code conditioner.}
     */
    public static StateDict headOf(StateDict state) {
        StateDict own = state.under(LABEL + ".");
        return own.size() > 0 ? own : state.filter(name -> !Qwen2.isPublishedName(name));
    }

    /** Whether a published checkpoint calls queries or projection so. */
    public static boolean isHeadName(String name) {
        return name.equals(QUERIES) || name.startsWith(PROJECTOR + ".");
    }

    /** Number L of rows. */
    public int rows() {
        return queryCount;
    }

    /** Width Z of a row. */
    public int width() {
        return width;
    }

    @Override
    public String label() {
        return LABEL;
    }

    /** The language model, which stays as it was pretrained. */
    public Qwen2 language() {
        return language;
    }

    /** Rows {@code (B, L, Z)} of {@link TokenIds}, in the manager of the ids. */
    @Override
    public NDArray rows(TextInput text) {
        TokenIds tokens = require(TokenIds.class, text);
        return forward(tokens.ids(), tokens.mask(), ActivationTap.NONE);
    }

    /**
     * Rows of texts, with a look inside.
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
