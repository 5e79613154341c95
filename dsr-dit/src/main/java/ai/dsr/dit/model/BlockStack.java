// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.kernel.Checkpoints;
import ai.dsr.core.nn.Weight;
import java.util.List;

/**
 * Blocks of one width in a row; on the way diffusion registers may join in front of the tokens.
 *
 * <p>The blocks and registers are the model's own layers: the stack only walks them. Tokens are rotated by their place in
 * the grid, registers are not.
 */
final class BlockStack {
    private final List<LightningDiTBlock> blocks;
    private final int first;
    private final DiffusionRegisters registers;
    private final int registerStart;
    private final RotaryTable rotary;
    private final RotaryTable rotaryWithRegisters;
    private final Weight anchor;
    private int segmentLength;

    /**
     * A stack.
     *
     * @param blocks one or more
     * @param first number of the first block in the names that a tap sees
     * @param headWidth d
     * @param grid side of the grid by which queries and keys are rotated; 0 for no rotation
     * @param registers what joins, or null
     * @param registerStart block of this stack before which they join, from 0
     */
    BlockStack(
            List<LightningDiTBlock> blocks,
            int first,
            int headWidth,
            int grid,
            DiffusionRegisters registers,
            int registerStart) {
        this.blocks = List.copyOf(blocks);
        this.first = first;
        this.registers = registers;
        this.registerStart = registerStart;
        rotary = grid == 0 ? null : RotaryTable.of(headWidth, grid, 0);
        rotaryWithRegisters = registers == null ? rotary : RotaryTable.of(headWidth, grid, registers.length());
        anchor = blocks.get(0).weights().values().iterator().next();
    }

    /** Number of blocks. */
    int size() {
        return blocks.size();
    }

    /** Keeps the activations of so many blocks at a time while gradients are computed; 0: of all. */
    void setSegmentLength(int length) {
        segmentLength = length;
    }

    /** The stack under one condition for all rows, {@code (B, E)}. */
    NDArray forward(NDArray h, NDArray c, ActivationTap tap) {
        return forward(h, c, c, null, tap);
    }

    /**
     * Runs all blocks.
     *
     * @param h tokens {@code (B, T, D)}
     * @param c condition before the registers join, {@code (B, E)} or {@code (B, L, E)}
     * @param joined condition from then on: {@code c} itself, or {@code (B, 1 + L, E)} with a row for all registers in
     *     front
     * @param content what the registers hold, {@code (B, 1, D)}; null if they have tokens of their own
     * @param tap sees {@code block_input.i} of the first block and {@code block.i} of all; activations are kept for any
     *     but {@link ActivationTap#NONE}
     * @return {@code (B, R + T, D)}
     */
    NDArray forward(NDArray h, NDArray c, NDArray joined, NDArray content, ActivationTap tap) {
        int front = joined == c ? 0 : registers.length();
        if (segmentLength == 0 || tap != ActivationTap.NONE) {
            return run(0, blocks.size(), tap, h, c, joined, content, front);
        }
        for (int i = 0; i < blocks.size(); i += segmentLength) {
            int from = i;
            int to = Math.min(i + segmentLength, blocks.size());
            h = Checkpoints.run(in -> run(from, to, tap, in[0], in[1], in[2], in[3], front), h, c, joined, content);
        }
        return h;
    }

    private NDArray run(
            int from,
            int to,
            ActivationTap tap,
            NDArray tokens,
            NDArray c,
            NDArray joined,
            NDArray content,
            int registersInFront) {
        NDManager owner = anchor.get().getManager();
        NDArray h = tokens;
        for (int i = from; i < to; i++) {
            boolean hasJoined = registers != null && i >= registerStart;
            if (registers != null && i == registerStart) {
                h = registers.join(h, content);
            }
            if (i == 0) {
                tap.accept("block_input." + first, h);
            }
            LightningDiTBlock block = blocks.get(i);
            NDArray condition = hasJoined ? joined : c;
            int front = hasJoined ? registersInFront : 0;
            RotaryTable table = hasJoined ? rotaryWithRegisters : rotary;
            NDArray turns = table == null ? null : table.on(owner);
            if (tap.wantsAttention(first + i)) {
                tap.accept("attention." + (first + i), block.attentionPattern(h, condition, turns, front));
            }
            h = block.forward(h, condition, turns, front);
            tap.accept("block." + (first + i), h);
        }
        return h;
    }
}
