// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;

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
    private final BlockStack blocks;
    private final FinalLayer finalLayer;

    /** A model without memory: initialise or load it. */
    public LightningDiT(DiTConfig cfg) {
        this.cfg = cfg;
        int d = cfg.hiddenSize();
        int grid = cfg.gridSize();
        positions = table("pos_embed", gridPositions(d, grid), 1, cfg.tokens(), d);
        registers = registers("", cfg.registerKind(), cfg.registers(), d);
        patches = child("x_embedder", patches(cfg));
        time = child("t_embedder", new GaussianFourierEmbedding(d, GaussianFourierEmbedding.FREQUENCIES, true));
        labels = child("y_embedder", new LabelEmbedder(cfg.numClasses(), d, cfg.classDropoutProb()));
        int rotated = cfg.useRope() ? grid : 0;
        blocks = stack("blocks", cfg.block(), 0, cfg.depth(), rotated, registers, cfg.registerStart());
        int outputs = cfg.outChannels() * cfg.patchSize() * cfg.patchSize();
        finalLayer = child("final_layer", new FinalLayer(d, d, outputs, finalNorm(cfg)));
    }

    private static PatchEmbed patches(DiTConfig cfg) {
        int squeezed = cfg.bottleneckDim();
        return squeezed == 0
                ? PatchEmbed.xavier(cfg.inChannels(), cfg.hiddenSize(), cfg.patchSize())
                : PatchEmbed.bottleneck(cfg.inChannels(), squeezed, cfg.hiddenSize(), cfg.patchSize());
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
        conditioning().require(y, x.getShape().get(0));
        NDArray label = shared(labels.forward(y));
        NDArray c = shared(time.forward(t).add(label)); // (B, D); each block applies its own activation
        tap.accept("cond", c);
        NDArray content = cfg.registerKind() == RegisterKind.CLASS ? label.expandDims(1) : null;
        NDArray h = blocks.forward(patches.forward(x).add(positions.get()), c, c, content, tap);
        h = registers == null ? h : registers.drop(h);
        NDArray latent = Unpatchify.toLatent(finalLayer.forward(h, c), cfg.patchSize());
        return cfg.learnSigma() ? latent.get(new NDIndex(":, :{}", cfg.inChannels())) : latent;
    }

    /** The settings. */
    @Override
    public DiTConfig config() {
        return cfg;
    }

    @Override
    public ClassLabels conditioning() {
        return labels.labels();
    }

    @Override
    public int tokens() {
        return cfg.tokens();
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
