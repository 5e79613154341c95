// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.Checkpoints;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.SinCosPositions;
import ai.dsr.core.nn.Weight;
import java.util.ArrayList;
import java.util.List;

/** A denoiser with weights: what training, sampling and loading need beyond {@link Denoiser}. */
public abstract sealed class DiffusionTransformer extends Layer implements Denoiser
        permits LightningDiT, DiTDH, TextDiT {
    private static final double POSITION_STD = 0.02;

    private final List<BlockStack> stacks = new ArrayList<>();
    private int segments;

    /** The settings that it was built from. */
    public abstract Record config();

    /** Image tokens N: those of the square grid of patches, without registers. */
    public abstract int tokens();

    /** Floating-point operations of one sample: two per multiply-add of every matrix product. */
    public abstract long forwardFlops();

    /**
     * {@link Denoiser#forward} with a look inside.
     *
     * @param tap sees intermediate results, among them {@code block.i (B, R + N, D)} after block i
     */
    public abstract NDArray forward(NDArray x, NDArray t, NDArray y, ActivationTap tap);

    @Override
    public final NDArray forward(NDArray x, NDArray t, NDArray y) {
        return forward(x, t, y, ActivationTap.NONE);
    }

    /** Whether published checkpoints hold {@code name} although it follows from the configuration: a loader skips it. */
    public static boolean isDerived(String name) {
        return RotaryTable.isStored(name);
    }

    /** Declares {@code length} registers of {@code width} under the names of checkpoints; null for none. */
    final DiffusionRegisters registers(String prefix, RegisterKind kind, int length, int width) {
        if (length == 0) {
            return null;
        }
        String name = prefix + "register_pos_embed";
        Weight positions = kind == RegisterKind.GRID
                ? table(name, DiffusionRegisters.positionInit(length, width), 1, length, width)
                : weight(name, Initializer.normal(POSITION_STD), 1, length, width);
        Weight tokens = kind == RegisterKind.CLASS
                ? null
                : weight(prefix + "register_tokens", Initializer.normal(1), 1, length, width);
        return new DiffusionRegisters(tokens, positions);
    }

    /**
     * Declares blocks {@code name.first}, {@code name.(first + 1)} and so on.
     *
     * @param grid side of the grid by which tokens are rotated, 0 for no rotation
     * @param registers what joins before block {@code start} of them, or null
     */
    final BlockStack stack(
            String name, BlockConfig cfg, int first, int count, int grid, DiffusionRegisters registers, int start) {
        List<LightningDiTBlock> blocks = new ArrayList<>();
        for (int i = first; i < first + count; i++) {
            blocks.add(child(name + "." + i, new LightningDiTBlock(cfg)));
        }
        BlockStack stack = new BlockStack(blocks, first, cfg.headWidth(), grid, registers, start);
        stacks.add(stack);
        return stack;
    }

    /**
     * Divides the blocks into segments whose activations are not kept in training but computed a second time, so that
     * memory holds those of one segment. Gradients are the same to the bit; a step takes one more forward pass, a third of a step at most by count of operations.
     *
     * @param count number of segments over all blocks, at most one a block; 0 keeps all activations
     */
    public final void setCheckpointSegments(int count) {
        ConfigChecks.require(count >= 0, "checkpoint_segments", "0 or more", count);
        segments = count;
        int blocks = stacks.stream().mapToInt(BlockStack::size).sum();
        int length = count == 0 ? 0 : (blocks + count - 1) / count;
        stacks.forEach(stack -> stack.setSegmentLength(length));
    }

    /** An array that several segments, or segments and what follows them, read. */
    final NDArray shared(NDArray value) {
        return segments == 0 ? value : Checkpoints.boundary(value);
    }

    /** The rule of a grid's position table. */
    static Initializer gridPositions(int width, int grid) {
        return (values, random) -> System.arraycopy(SinCosPositions.table(width, grid), 0, values, 0, values.length);
    }
}
