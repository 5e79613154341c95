// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;

/** One named tensor of a model: its shape and initial values, and, once bound, the array itself. */
public final class Weight {
    private final Shape shape;
    private final Initializer initializer;
    private final Role role;
    private NDArray array;

    /** What a weight is there for. */
    enum Role {
        LEARNED,
        TABLE,
        BUFFER
    }

    Weight(Shape shape, Initializer initializer, Role role) {
        this.shape = shape;
        this.initializer = initializer;
        this.role = role;
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
        return role == Role.TABLE;
    }

    /** Whether this is state that the layer keeps up to date by itself: stored with the weights, never trained. */
    public boolean isBuffer() {
        return role == Role.BUFFER;
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
