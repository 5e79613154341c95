// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;

/**
 * The learned row that stands for no text.
 *
 * <p>Condition rows themselves pass unchanged; training replaces all rows of some samples, guidance those of all.
 */
public final class ConditionEmbedder extends Layer {
    private final double dropProbability;
    private final Weight none;

    /** A row of width {@code width}; there is none if {@code dropProbability} is 0. */
    public ConditionEmbedder(int width, double dropProbability) {
        ConfigChecks.probability("class_dropout_prob", dropProbability);
        this.dropProbability = dropProbability;
        none = dropProbability > 0 ? weight("dropout_embedding", Initializer.zeros(), width) : null;
    }

    /**
     * Training's version of condition rows: those of sample b stand for no text where {@code uniform[b] < probability}.
     *
     * @param y condition rows {@code (B, L, Z)}
     * @param uniform {@code (B)} float32 in [0, 1)
     * @return {@code (B, L, Z)}
     */
    public NDArray drop(NDArray y, NDArray uniform) {
        if (none == null) {
            return y;
        }
        NDArray isDropped =
                uniform.lt(dropProbability).toType(DataType.FLOAT32, false).reshape(-1, 1, 1);
        return y.mul(isDropped.neg().add(1)).add(isDropped.mul(none.get()));
    }

    /**
     * Rows that stand for no text, as many as those of {@code y (B, L, Z)}.
     *
     * @throws IllegalStateException if the model was built without dropout
     */
    public NDArray noText(NDArray y) {
        if (none == null) {
            throw new IllegalStateException("class_dropout_prob: expected a model trained with dropout, got 0; "
                    + "there is no row for no text to guide with");
        }
        return y.zerosLike().add(none.get());
    }
}
