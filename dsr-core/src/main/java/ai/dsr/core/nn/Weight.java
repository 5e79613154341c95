// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** One named tensor of a model: its shape and initial values, and, once bound, the array itself. */
public final class Weight {
    private final Shape shape;
    private final Initializer initializer;
    private final boolean table;
    private NDArray array;

    Weight(Shape shape, Initializer initializer, boolean table) {
        this.shape = shape;
        this.initializer = initializer;
        this.table = table;
    }

    /** The shape, known before there is an array. */
    public Shape shape() {
        return shape;
    }

    /** The rule of the initial values. */
    public Initializer initializer() {
        return initializer;
    }

    /** Whether this is a fixed table by construction (positions, frequencies) rather than a learned weight. */
    public boolean isTable() {
        return table;
    }

    /** The array. Never the receiver of an operation: results belong to the first operand. */
    public NDArray get() {
        if (array == null) {
            throw new IllegalStateException("weight " + shape + ": initialize or load the model first");
        }
        return array;
    }

    /** Whether the array is there. */
    public boolean isBound() {
        return array != null;
    }

    void bind(NDArray value) {
        array = value;
    }
}
