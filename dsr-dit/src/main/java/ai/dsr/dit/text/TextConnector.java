// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import java.util.ArrayList;
import java.util.List;

/**
 * Learned queries that read the states of a frozen text encoder: condition rows for the denoiser.
 *
 * <p>Takes the place of a language model that reads its own queries (MetaQueries, Pan et al., 2025) where the encoder is
 * small or its weights cannot take part: a Perceiver resampler (Alayrac et al., 2022). The pooled vector shifts all
 * queries, so that they know the caption as a whole before they look at its tokens.
 */
public final class TextConnector extends RowReader {
    private static final double EPS = 1e-6;

    private final int textWidth;
    private final int pooledWidth;
    private final Weight queries;
    private final LayerNorm textNorm;
    private final Dense textProjection;
    private final Dense pooledProjection;
    private final List<TextConnectorBlock> blocks = new ArrayList<>();
    private final LayerNorm finalNorm;
    private final Dense projector;

    /**
     * A connector.
     *
     * @param textWidth width D of the states
     * @param pooledWidth width P of the pooled vector
     * @param conditionWidth width Z of the condition rows
     */
    public TextConnector(TextConnectorConfig cfg, int textWidth, int pooledWidth, int conditionWidth) {
        this.textWidth = textWidth;
        this.pooledWidth = pooledWidth;
        int width = cfg.hiddenSize();
        queries = weight("latent_queries", Initializer.normal(1), 1, cfg.rows(), width);
        textNorm = child("text_norm", LayerNorm.affine(textWidth, EPS));
        textProjection = child("text_proj", Dense.xavier(textWidth, width));
        pooledProjection = child("pooled_proj", Dense.xavier(pooledWidth, width));
        for (int i = 0; i < cfg.depth(); i++) {
            blocks.add(child("blocks." + i, new TextConnectorBlock(cfg)));
        }
        finalNorm = child("norm", LayerNorm.affine(width, EPS));
        projector = child("diff_head_projector", Dense.xavier(width, conditionWidth));
    }

    @Override
    public String label() {
        return "connector";
    }

    /** Rows {@code (B, L, Z)} of {@link TextStates}, in the manager of the states. */
    @Override
    public NDArray rows(TextInput input) {
        TextStates text = require(TextStates.class, input);
        Shapes.require("text states", text.states(), Shapes.ANY, Shapes.ANY, textWidth);
        long batch = text.states().getShape().get(0);
        Shapes.require("text mask", text.mask(), batch, text.states().getShape().get(1));
        Shapes.require("pooled text", text.pooled(), batch, pooledWidth);
        NDArray states = textProjection.forward(textNorm.forward(text.states())); // (B, T, W)
        NDArray x = pooledProjection.forward(text.pooled()).expandDims(1).add(queries.get()); // (B, L, W)
        for (TextConnectorBlock block : blocks) {
            x = block.forward(x, states, text.mask());
        }
        return projector.forward(finalNorm.forward(x));
    }
}
