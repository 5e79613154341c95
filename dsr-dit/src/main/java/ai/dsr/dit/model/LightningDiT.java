// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.nn.SinCosPositions;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import java.util.ArrayList;
import java.util.List;

/**
 * The single-width diffusion transformer (Yao et al., 2025; Peebles and Xie, 2023) with diffusion registers.
 *
 * <p>Patches plus positions run through blocks conditioned on time and class. From block {@code register_start} on,
 * learned registers stand in front of the patches; they share the condition, are not rotated, and are dropped before the
 * final layer. A new model predicts exactly zero.
 */
public final class LightningDiT extends DiffusionTransformer {
    private final DiTConfig cfg;
    private final Weight positions;
    private final DiffusionRegisters registers;
    private final PatchEmbed patches;
    private final GaussianFourierEmbedding time;
    private final LabelEmbedder labels;
    private final List<LightningDiTBlock> blocks = new ArrayList<>();
    private final FinalLayer finalLayer;
    private final RotaryTable rotary;
    private final RotaryTable rotaryWithRegisters;

    /** A model without memory: initialise or load it. */
    public LightningDiT(DiTConfig cfg) {
        this.cfg = cfg;
        int d = cfg.hiddenSize();
        int grid = cfg.gridSize();
        positions = table("pos_embed", gridPositions(d, grid), 1, cfg.tokens(), d);
        registers = cfg.registers() > 0 ? registers(cfg.registers(), d) : null;
        patches = child("x_embedder", PatchEmbed.xavier(cfg.inChannels(), d, cfg.patchSize()));
        time = child("t_embedder", new GaussianFourierEmbedding(d, GaussianFourierEmbedding.FREQUENCIES, true));
        labels = child("y_embedder", new LabelEmbedder(cfg.numClasses(), d, cfg.classDropoutProb()));
        for (int i = 0; i < cfg.depth(); i++) {
            blocks.add(child("blocks." + i, new LightningDiTBlock(cfg.block())));
        }
        int outputs = cfg.outChannels() * cfg.patchSize() * cfg.patchSize();
        finalLayer = child("final_layer", new FinalLayer(d, d, outputs, finalNorm(cfg)));
        int headWidth = cfg.block().headWidth();
        rotary = cfg.useRope() ? RotaryTable.of(headWidth, grid, 0) : null;
        rotaryWithRegisters = registers == null ? rotary : RotaryTable.of(headWidth, grid, cfg.registers());
    }

    /** The rule of a grid's position table. */
    static Initializer gridPositions(int width, int grid) {
        return (values, random) -> System.arraycopy(SinCosPositions.table(width, grid), 0, values, 0, values.length);
    }

    private DiffusionRegisters registers(int length, int d) {
        Weight table = table("register_pos_embed", DiffusionRegisters.positionInit(length, d), 1, length, d);
        return new DiffusionRegisters(weight("register_tokens", Initializer.normal(1), 1, length, d), table);
    }

    private static FinalLayer.Norm finalNorm(DiTConfig cfg) {
        if (cfg.finalNoLn()) {
            return FinalLayer.Norm.NONE;
        }
        return cfg.useRmsnorm() ? FinalLayer.Norm.RMS : FinalLayer.Norm.LAYER;
    }

    /**
     * The prediction, with a look inside.
     *
     * @param tap sees {@code cond (B, D)}, {@code block_input.0} and {@code block.i (B, R + N, D)} after block i; the
     *     registers are there once they have joined
     */
    @Override
    public NDArray forward(NDArray x, NDArray t, NDArray y, ActivationTap tap) {
        Shapes.require("x", x, Shapes.ANY, cfg.inChannels(), cfg.inputSize(), cfg.inputSize());
        Shapes.require("t", t, x.getShape().get(0));
        Shapes.require("y", y, x.getShape().get(0));
        NDArray c = time.forward(t).add(labels.forward(y)); // (B, D); each block applies its own activation
        tap.accept("cond", c);
        NDArray h = runBlocks(patches.forward(x).add(positions.get()), c, tap);
        NDArray latent = Unpatchify.toLatent(finalLayer.forward(h, c), cfg.patchSize());
        return cfg.learnSigma() ? latent.get(new NDIndex(":, :{}", cfg.inChannels())) : latent;
    }

    private NDArray runBlocks(NDArray tokens, NDArray c, ActivationTap tap) {
        NDManager owner = positions.get().getManager();
        NDArray angles = rotary == null ? null : rotary.on(owner);
        NDArray h = tokens;
        for (int i = 0; i < blocks.size(); i++) {
            if (registers != null && i == cfg.registerStart()) {
                h = registers.join(h); // (B, R + T, D)
                angles = rotaryWithRegisters.on(owner);
            }
            if (i == 0) {
                tap.accept("block_input.0", h);
            }
            h = blocks.get(i).forward(h, c, angles);
            tap.accept("block." + i, h);
        }
        return registers == null ? h : registers.drop(h);
    }

    /** The settings. */
    public DiTConfig config() {
        return cfg;
    }

    @Override
    public int numClasses() {
        return cfg.numClasses();
    }

    @Override
    public int nullClass() {
        return labels.nullClass();
    }

    @Override
    public LabelDropout labelDropout() {
        return labels.dropout();
    }

    @Override
    public long forwardFlops() {
        return cfg.forwardFlops();
    }

    @Override
    public Shape latentShape() {
        return cfg.latentShape();
    }
}
