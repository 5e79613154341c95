// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;

/**
 * Rows of text features as conditions, {@code (B, L, Z)}, and the learned row that stands for no text.
 *
 * <p>Rows themselves pass unchanged; training replaces all rows of some samples, guidance those of all.
 */
public final class ConditionEmbedder extends Layer implements Conditioning {
    private final int width;
    private final double dropProbability;
    private final Weight noText;

    /** Rows of width {@code width}; there is none for no text if {@code dropProbability} is 0. */
    public ConditionEmbedder(int width, double dropProbability) {
        ConfigChecks.probability("class_dropout_prob", dropProbability);
        this.width = width;
        this.dropProbability = dropProbability;
        noText = dropProbability > 0 ? weight("dropout_embedding", Initializer.zeros(), width) : null;
    }

    @Override
    public String describe() {
        return "z_channels " + width;
    }

    @Override
    public double dropProbability() {
        return dropProbability;
    }

    @Override
    public void require(NDArray y, long batch) {
        if (y.getShape().dimension() == 2) {
            throw new IllegalArgumentException("y: expected rows (" + batch + ", L, " + width + "), got " + y.getShape()
                    + "; one row for all tokens is (" + batch + ", 1, " + width + ")");
        }
        Shapes.require("y", y, batch, Shapes.ANY, width);
    }

    @Override
    public NDArray none(NDManager owner, Shape shape) {
        if (noText == null) {
            throw new IllegalStateException("class_dropout_prob: expected a model trained with dropout, got 0; "
                    + "there is no row for no text to guide with");
        }
        return owner.zeros(shape).add(noText.get());
    }
}
