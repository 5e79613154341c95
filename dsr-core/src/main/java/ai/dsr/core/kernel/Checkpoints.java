// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import java.util.function.Function;

/**
 * Activation checkpointing (Chen et al., 2016): parts of a computation that keep nothing for the backward pass and are
 * run a second time in it.
 *
 * <p>Memory then holds the inputs of all parts and what is inside one of them. Gradients are those of the plain
 * computation, to the bit where every array that several parts read is a {@link #boundary}: contributions to it are then
 * added up in the same order. Without an open {@link Autograd} nothing here does anything.
 */
public final class Checkpoints {
    private Checkpoints() {}

    /**
     * An array that several parts read: gradients are collected here and passed on once.
     *
     * @return the same values in the same manager; read this one from here on
     */
    public static NDArray boundary(NDArray value) {
        Autograd tape = Autograd.current();
        return tape == null ? value : tape.checkpoints().boundary(value);
    }

    /**
     * Runs a part of a computation without keeping what is inside.
     *
     * @param part a function of its arguments and of weights; it is called again, with the same values, for gradients
     * @param inputs all arrays the part reads, except weights; null is passed on as it is
     * @return what the part gave, in the manager of the first input
     */
    public static NDArray run(Function<NDArray[], NDArray> part, NDArray... inputs) {
        Autograd tape = Autograd.current();
        return tape == null ? part.apply(inputs) : tape.checkpoints().run(inputs, part);
    }
}
