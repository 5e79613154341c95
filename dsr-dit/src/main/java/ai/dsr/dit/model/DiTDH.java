// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;

/**
 * The diffusion transformer with a wide, shallow head (DiT-DH of the RAE paper, Zheng et al., 2025).
 *
 * <p>An encoder turns the latent, time and class into one condition row per token; a wider head predicts under these
 * rows. Registers run through both: register row r of the head is conditioned on register row r of the encoder.
 */
public final class DiTDH extends DiffusionTransformer {
    private final DiTDHConfig cfg;
    private final Weight positions;
    private final DiffusionRegisters encoderRegisters;
    private final DiffusionRegisters headRegisters;
    private final PatchEmbed headPatches;
    private final PatchEmbed encoderPatches;
    private final Dense projector;
    private final GaussianFourierEmbedding time;
    private final LabelEmbedder labels;
    private final FinalLayer finalLayer;
    private final BlockStack encoder;
    private final BlockStack head;

    /** A model without memory: initialise or load it. */
    public DiTDH(DiTDHConfig cfg) {
        this.cfg = cfg;
        int e = cfg.hiddenSize().get(0);
        int d = cfg.hiddenSize().get(1);
        int length = cfg.registers();
        positions =
                cfg.usePosEmbed() ? table("pos_embed", gridPositions(e, cfg.inputSize()), 1, cfg.tokens(), e) : null;
        encoderRegisters = registers("enc_", RegisterKind.GRID, length, e);
        headRegisters = registers("dec_", RegisterKind.GRID, length, d);
        headPatches = child("x_embedder", PatchEmbed.xavier(cfg.inChannels(), d, 1));
        encoderPatches = child("s_embedder", PatchEmbed.xavier(cfg.inChannels(), e, 1));
        projector = e == d ? null : child("s_projector", Dense.of(e, d, true));
        time = child("t_embedder", new GaussianFourierEmbedding(e, GaussianFourierEmbedding.FREQUENCIES, false));
        labels = child("y_embedder", new LabelEmbedder(cfg.numClasses(), e, cfg.classDropoutProb()));
        FinalLayer.Norm norm = cfg.useRmsnorm() ? FinalLayer.Norm.RMS : FinalLayer.Norm.LAYER;
        finalLayer = child("final_layer", new FinalLayer(d, d, cfg.inChannels(), norm));
        int side = cfg.inputSize();
        int depth = cfg.depth().get(0);
        encoder = stack("blocks", cfg.encoderBlock(), 0, depth, side, encoderRegisters, cfg.registerStart());
        head = stack("blocks", cfg.headBlock(), depth, cfg.depth().get(1), side, headRegisters, 0);
    }

    /**
     * The prediction, with a look inside.
     *
     * @param tap sees {@code block.i} after block i, encoder blocks first, and {@code s (B, R + T, D)}, the head's
     *     condition rows
     */
    @Override
    public NDArray forward(NDArray x, NDArray t, NDArray y, ActivationTap tap) {
        Shapes.require("x", x, Shapes.ANY, cfg.inChannels(), cfg.inputSize(), cfg.inputSize());
        Shapes.require("t", t, x.getShape().get(0));
        conditioning().require(y, x.getShape().get(0));
        return decode(x, encode(x, t, y, tap), tap);
    }

    /**
     * The encoder: condition rows of the head at the encoder's width.
     *
     * @return {@code (B, R + T, E)}, registers first
     */
    public NDArray encode(NDArray x, NDArray t, NDArray y, ActivationTap tap) {
        NDArray when = shared(time.forward(t));
        NDArray c = shared(Kernels.silu(when.add(labels.forward(y)))); // each block applies the activation once more
        NDArray s = encoderPatches.forward(x);
        s = positions == null ? s : s.add(positions.get());
        s = encoder.forward(s, c, tap);
        return Kernels.silu(s.add(when.expandDims(1))); // registers stay, and get the time too
    }

    /**
     * The head under given condition rows.
     *
     * @param s {@code (B, L, E)}; L is R + T, or without registers a divisor of T
     * @return predictions {@code (B, C, S, S)}
     */
    public NDArray decode(NDArray x, NDArray s, ActivationTap tap) {
        boolean perToken = headRegisters != null;
        long rows = perToken ? cfg.tokens() + cfg.registers() : Shapes.ANY;
        Shapes.require("s", s, x.getShape().get(0), rows, cfg.hiddenSize().get(0));
        NDArray c = shared(projector == null ? s : projector.forward(s));
        tap.accept("s", c);
        NDArray h = head.forward(headPatches.forward(x), c, tap);
        NDArray patches =
                perToken ? finalLayer.forward(headRegisters.drop(h), headRegisters.drop(c)) : finalLayer.forward(h, c);
        return Unpatchify.toLatent(patches, 1);
    }

    /** The settings. */
    @Override
    public DiTDHConfig config() {
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
