// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.TextKernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Layer;

/**
 * Adaptive layer norm: the condition's shifts, scales and gates (AdaLN-Zero, Peebles and Xie, 2023).
 *
 * <p>One linear layer on {@code silu(c)} that starts at zero, so that a new block is the identity. The condition is one
 * row for all tokens of a sample, or L rows of which each serves N / L neighbouring tokens.
 */
public final class AdaLN extends Layer {
    private final Dense linear;
    private final int parts;
    private final int width;

    /** A layer that gives {@code parts} rows of {@code width} for each condition row of {@code conditionWidth}. */
    public AdaLN(int conditionWidth, int width, int parts) {
        this.parts = parts;
        this.width = width;
        linear = child("1", Dense.zeros(conditionWidth, parts * width));
    }

    /**
     * Computes the parts in order, once a condition row.
     *
     * @param c condition {@code (B, E)}, or {@code (B, L, E)} where L divides the number of tokens; with tokens in front
     *     {@code (B, 1 + L, E)}, their row first
     * @param tokens N
     * @param front how many of the tokens share a first row of their own; 0 for none
     * @return the parts, each {@code (B, 1, D)} or {@code (B, N, D)}
     */
    public NDList split(NDArray c, long tokens, int front) {
        Shape shape = c.getShape();
        long rows = shape.dimension() == 2 ? 1 : shape.get(1);
        NDArray m = linear.forward(Kernels.silu(c)).reshape(shape.get(0), rows, parts, width);
        return Kernels.unbind(front == 0 ? expand(m, tokens) : expandBehind(m, tokens, front), 2);
    }

    /** {@code (B, 1 + L, ...)} to {@code (B, N, ...)}: the first row for the tokens in front, the others for the rest. */
    private static NDArray expandBehind(NDArray rows, long tokens, int front) {
        return TextKernels.shareRows(rows, front, share(rows.getShape().get(1) - 1, tokens - front));
    }

    /**
     * Repeats condition rows so that each serves its share of neighbouring tokens; a single row is left to broadcasting.
     *
     * @param rows {@code (B, L, ...)}
     * @return {@code (B, 1, ...)} or {@code (B, N, ...)}
     * @throws IllegalArgumentException if L does not divide the number of tokens
     */
    public static NDArray expand(NDArray rows, long tokens) {
        long given = rows.getShape().get(1);
        if (given == 1 || given == tokens) {
            return rows;
        }
        return rows.repeat(1, share(given, tokens));
    }

    /** How many tokens each row serves. */
    private static long share(long rows, long tokens) {
        if (rows == 0 || tokens % rows != 0) {
            throw new IllegalArgumentException(
                    "condition: expected a number of rows that divides " + tokens + " tokens, got " + rows);
        }
        return tokens / rows;
    }
}
