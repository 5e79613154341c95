// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.tensor.EngineArray;
import java.util.Arrays;

/**
 * What a denoiser is told about its samples: labels {@code (B)} int64 or rows of text features {@code (B, L, Z)}, and how
 * it is told nothing.
 *
 * <p>Guidance asks for {@link #none}; training drops conditions with {@link #drop}, as a function of given draws.
 */
public sealed interface Conditioning permits ClassLabels, ConditionEmbedder {
    /** The settings that conditions follow from, such as {@code num_classes 1000}: equal for models that share conditions. */
    String describe();

    /** The share of samples whose condition training drops, in [0, 1]. */
    double dropProbability();

    /**
     * Fails unless {@code y} is a batch of conditions.
     *
     * @throws IllegalArgumentException if its shape is another one
     */
    void require(NDArray y, long batch);

    /**
     * Conditions that say nothing.
     *
     * @param owner the manager that takes the result
     * @param shape the shape of the conditions that they replace, {@code (B)} or {@code (B, L, Z)}
     * @throws IllegalStateException if the model was built without dropout and so has nothing that says nothing
     */
    NDArray none(NDManager owner, Shape shape);

    /**
     * Training's version of conditions: that of sample b says nothing where {@code uniform[b] < p}, compared in float32.
     *
     * @param y conditions {@code (B, ...)}
     * @param uniform B draws in [0, 1)
     * @return the same shape, in the manager of {@code y}
     */
    default NDArray drop(NDArray y, float[] uniform) {
        boolean[] dropped = new boolean[uniform.length];
        for (int i = 0; i < dropped.length; i++) {
            dropped[i] = uniform[i] < (float) dropProbability();
        }
        return dropWhere(y, dropped);
    }

    /** Makes exactly the conditions of the flagged samples say nothing; no chance is involved. */
    default NDArray dropWhere(NDArray y, boolean[] dropped) {
        long batch = y.getShape().get(0);
        ConfigChecks.require(dropped.length == batch, "uniform", batch + " draws", dropped.length);
        boolean any = false;
        for (boolean isDropped : dropped) {
            any |= isDropped;
        }
        if (!any) {
            return y;
        }
        NDManager owner = y.getManager();
        long[] perSample = new long[y.getShape().dimension()];
        Arrays.fill(perSample, 1);
        perSample[0] = batch;
        NDArray mask = EngineArray.of(owner, dropped).reshape(perSample).broadcast(y.getShape());
        return NDArrays.where(mask, none(owner, y.getShape()), y);
    }
}
