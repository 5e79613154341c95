// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.tensor.Shapes;

/**
 * Class labels as conditions, {@code (B)} int64 in 0 .. {@code numClasses - 1} or the label that stands for no class.
 *
 * @param numClasses number of real classes
 * @param dropProbability share of labels that training drops; 0: the model has no row for no class
 * @param nullLabel the label that stands for no class
 */
public record ClassLabels(int numClasses, double dropProbability, int nullLabel) implements Conditioning {
    /** Checks the probability. */
    public ClassLabels {
        ConfigChecks.probability("class_dropout_prob", dropProbability);
    }

    /** The labels of a model whose null class follows the real ones. */
    public static ClassLabels of(int numClasses, double dropProbability) {
        return new ClassLabels(numClasses, dropProbability, numClasses);
    }

    /**
     * The labels of a denoiser.
     *
     * @throws IllegalArgumentException if its conditions are of another kind
     */
    public static ClassLabels of(Denoiser model) {
        if (model.conditioning() instanceof ClassLabels labels) {
            return labels;
        }
        throw new IllegalArgumentException(
                "stage_2.target: expected a class-conditional denoiser, got one that is conditioned on text");
    }

    /** The same labels with another one that stands for no class. */
    public ClassLabels withNullLabel(int label) {
        return new ClassLabels(numClasses, dropProbability, label);
    }

    /**
     * The label that stands for no class.
     *
     * @throws IllegalStateException if there is none
     */
    public int nullClass() {
        if (nullLabel == numClasses && dropProbability == 0) {
            throw new IllegalStateException("class_dropout_prob: expected a model trained with label dropout, got 0; "
                    + "there is no null class to guide with");
        }
        if (nullLabel < 0 || nullLabel > numClasses) {
            throw new IllegalStateException("null_label: expected 0 to " + numClasses + ", got " + nullLabel);
        }
        return nullLabel;
    }

    @Override
    public String describe() {
        return "num_classes " + numClasses;
    }

    @Override
    public void require(NDArray y, long batch) {
        Shapes.require("y", y, batch);
    }

    @Override
    public NDArray none(NDManager owner, Shape shape) {
        return owner.full(shape, nullClass(), DataType.INT64);
    }
}
