// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import java.util.function.UnaryOperator;

/**
 * The text-to-image diffusion transformer (Scale-RAE, Tong et al., 2026): each image token has its own condition row.
 *
 * <p>There is no cross-attention: text enters through rows of features, one an image token, that a language model has
 * made; one row for all tokens is possible too. A head, if there is one, predicts under the rows of the blocks before
 * it. Registers are this project's addition: the condition of a register is that of the mean row.
 */
public final class TextDiT extends DiffusionTransformer {
    private final TextDiTConfig cfg;
    private final Weight positions;
    private final DiffusionRegisters registers;
    private final DiffusionRegisters headRegisters;
    private final PatchEmbed patches;
    private final PatchEmbed headPatches;
    private final UnaryOperator<NDArray> time;
    private final ConditionEmbedder text;
    private final BlockStack encoder;
    private final Dense projector;
    private final BlockStack head;
    private final FinalLayer finalLayer;

    /** A model without memory: initialise or load it. */
    public TextDiT(TextDiTConfig cfg) {
        this.cfg = cfg;
        int e = cfg.encoderWidth();
        int d = cfg.headWidth();
        int grid = cfg.gridSize();
        boolean isWide = cfg.arch() == TextDiTConfig.Arch.DDT;
        positions = table("pos_embed", gridPositions(e, grid), 1, cfg.tokens(), e);
        registers = registers(isWide ? "enc_" : "", RegisterKind.GRID, cfg.registers(), e);
        headRegisters = isWide ? registers("dec_", RegisterKind.GRID, cfg.registers(), d) : null;
        patches = child("x_embedder", PatchEmbed.xavier(cfg.inChannels(), e, cfg.patchSize()));
        headPatches =
                cfg.hasHead() ? child("s_embedder", PatchEmbed.xavier(cfg.inChannels(), d, cfg.patchSize())) : null;
        time = timeEmbedding();
        text = child("y_embedder", new ConditionEmbedder(cfg.zChannels(), cfg.classDropoutProb()));
        encoder =
                stack("dit_blocks", cfg.encoderBlock(), 0, cfg.encoderDepth(), grid(), registers, cfg.registerStart());
        projector = e == d ? null : child("s_projector", Dense.xavier(e, d));
        head = cfg.hasHead()
                ? stack("dit_blocks", cfg.headBlock(), cfg.encoderDepth(), cfg.headDepth(), grid(), headRegisters, 0)
                : null;
        FinalLayer.Norm norm = cfg.useRmsnorm() ? FinalLayer.Norm.RMS : FinalLayer.Norm.LAYER;
        int conditionWidth = cfg.hasHead() ? d : cfg.zChannels();
        finalLayer = child("final_layer", new FinalLayer(d, conditionWidth, cfg.patchOutputs(), norm));
    }

    /** Rotated by the grid of patches, or not at all. */
    private int grid() {
        return cfg.useRope() ? cfg.gridSize() : 0;
    }

    private UnaryOperator<NDArray> timeEmbedding() {
        if (cfg.useGembed()) {
            return child("t_embedder", GaussianFourierEmbedding.shared(cfg.zChannels()))::forward;
        }
        TimestepEmbedder waves =
                new TimestepEmbedder(cfg.zChannels(), TimestepEmbedder.FREQUENCY_SIZE, TimestepEmbedder.MAX_PERIOD);
        return child("t_embedder", waves)::forward;
    }

    /**
     * The prediction, with a look inside; of {@link #forwardAll} the first C channels.
     *
     * @param y rows {@code (B, L, Z)}; L divides the number of image tokens
     * @param tap sees {@code cond (B, L, Z)}, {@code block.i} after block i and, with a head, {@code s}, its condition rows
     */
    @Override
    public NDArray forward(NDArray x, NDArray t, NDArray y, ActivationTap tap) {
        NDArray all = forwardAll(x, t, y, tap);
        return cfg.learnSigma() ? all.get(new NDIndex(":, :{}", cfg.inChannels())) : all;
    }

    /** All channels, {@code (B, C, S, S)} or with {@code learn_sigma} {@code (B, 2 C, S, S)}. */
    public NDArray forwardAll(NDArray x, NDArray t, NDArray y, ActivationTap tap) {
        Shapes.require("x", x, Shapes.ANY, cfg.inChannels(), cfg.inputSize(), cfg.inputSize());
        Shapes.require("t", t, x.getShape().get(0));
        text.require(y, x.getShape().get(0));
        NDArray when = shared(time.apply(t).expandDims(1)); // (B, 1, Z)
        NDArray rows = shared(y);
        NDArray c = shared(activate(when.add(rows))); // (B, L, Z)
        tap.accept("cond", c);
        NDArray joined = registers == null ? c : shared(withRegisterRow(c, when, rows));
        NDArray h = encoder.forward(patches.forward(x).add(positions.get()), c, joined, null, tap);
        NDArray tokens = head == null ? finalLayer.forward(drop(registers, h), c) : decode(x, activate(h), tap);
        return Unpatchify.toLatent(tokens, cfg.patchSize());
    }

    /** The head under the rows {@code s (B, R + T, E)}; patches {@code (B, T, P P C)}. */
    private NDArray decode(NDArray x, NDArray s, ActivationTap tap) {
        NDArray c = shared(projector == null ? s : projector.forward(s));
        tap.accept("s", c);
        NDArray h = head.forward(headPatches.forward(x), c, tap); // no position table is added here
        return finalLayer.forward(drop(headRegisters, h), drop(headRegisters, c));
    }

    private NDArray activate(NDArray c) {
        return cfg.condSilu() ? Kernels.silu(c) : c;
    }

    /** The mean row, for all registers, before the others; a single row serves registers and tokens as it is. */
    private NDArray withRegisterRow(NDArray c, NDArray when, NDArray y) {
        if (c.getShape().get(1) == 1) {
            return c;
        }
        NDArray mean = activate(when.add(y.mean(new int[] {1}, true))); // (B, 1, Z)
        return mean.concat(c, 1); // (B, 1 + L, Z)
    }

    private static NDArray drop(DiffusionRegisters registers, NDArray h) {
        return registers == null ? h : registers.drop(h);
    }

    /** The settings. */
    @Override
    public TextDiTConfig config() {
        return cfg;
    }

    @Override
    public ConditionEmbedder conditioning() {
        return text;
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
