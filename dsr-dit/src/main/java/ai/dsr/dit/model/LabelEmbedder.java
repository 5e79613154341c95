// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;

/**
 * A row for each class and, with label dropout, one for no class behind them.
 *
 * <p>The layer only looks up: labels are dropped beforehand with {@link ClassLabels#drop}.
 */
public final class LabelEmbedder extends Layer {
    private static final double STD = 0.02;

    private final int numClasses;
    private final double dropProbability;
    private final Weight table;

    /** A table of width {@code width}; without the row for no class if {@code dropProbability} is 0. */
    public LabelEmbedder(int numClasses, int width, double dropProbability) {
        this.numClasses = numClasses;
        this.dropProbability = dropProbability;
        int rows = dropProbability > 0 ? numClasses + 1 : numClasses;
        table = weight("embedding_table.weight", Initializer.normal(STD), rows, width);
    }

    /** Maps labels {@code (B)} int64 to {@code (B, D)}. */
    public NDArray forward(NDArray labels) {
        return Kernels.embedding(labels, table.get());
    }

    /** The labels as conditions. */
    public ClassLabels labels() {
        return ClassLabels.of(numClasses, dropProbability);
    }
}
