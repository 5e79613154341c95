// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.SinCosPositions;
import ai.dsr.core.nn.Weight;

/**
 * Learned tokens in front of the image tokens: somewhere for outlier activations to go that is not a patch.
 *
 * <p>They join before a block and are dropped before the output layer. The rows are tokens, the same for every sample or
 * those of its class, plus a position table.
 */
public final class DiffusionRegisters {
    private final Weight tokens;
    private final Weight positions;

    /** Registers of a model that declares {@code positions (1, R, D)} and, unless given each time, {@code tokens}. */
    public DiffusionRegisters(Weight tokens, Weight positions) {
        this.tokens = tokens;
        this.positions = positions;
    }

    /** The number R of registers. */
    public int length() {
        return Math.toIntExact(positions.shape().get(1));
    }

    /** Puts the registers in front: {@code h (B, N, D)} to {@code (B, R + N, D)}. */
    public NDArray join(NDArray h) {
        return join(h, null);
    }

    /** The same with {@code content (B, 1, D)} in the place of learned tokens, if the model has none. */
    public NDArray join(NDArray h, NDArray content) {
        return Kernels.prepend(h, tokens == null ? content : tokens.get(), positions.get());
    }

    /** Takes the registers off: {@code h (B, R + N, E)} to {@code (B, N, E)}. */
    public NDArray drop(NDArray h) {
        return h.get(new NDIndex(":, {}:", length()));
    }

    /**
     * Initial positions of {@code length} registers, {@code (length, width)}: those of a grid of side
     * {@code floor(sqrt(length))}.
     *
     * <p>A grid of one point serves any number of registers alike. Models take squares only; other lengths exist for
     * tables of old checkpoints.
     *
     * @throws IllegalArgumentException if the length is neither a square nor served by a single point
     */
    public static float[] positions(int length, int width) {
        int side = (int) Math.sqrt(length);
        float[] grid = SinCosPositions.table(width, side);
        ConfigChecks.require(
                side * side == length || side == 1, "register_len", "a square number (0, 1, 4, 9, ...)", length);
        float[] table = new float[length * width];
        for (int i = 0; i < table.length; i++) {
            table[i] = grid[i % grid.length];
        }
        return table;
    }

    /** The rule of the position table's initial values. */
    static Initializer positionInit(int length, int width) {
        return (values, random) -> System.arraycopy(positions(length, width), 0, values, 0, values.length);
    }
}
