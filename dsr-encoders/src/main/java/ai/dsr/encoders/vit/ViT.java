// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import java.util.List;

/**
 * A vision transformer (Dosovitskiy et al., 2021) of any family: DINOv2 and DINOv3, SigLIP2, MAE.
 *
 * <p>Tokens are class token, registers (Darcet et al., 2024), patches, as far as the family has them. Registers carry no
 * position: they join after positions were added. Images of any size are accepted.
 */
public final class ViT extends Layer implements ViTBackbone {
    private static final double INITIAL_STD = 0.02;

    private final ViTConfig config;
    private final Weight classToken;
    private final Weight positions;
    private final Weight registers;
    private final PatchEmbed patchEmbed;
    private final ViTStack blocks;
    private final LayerNorm norm;
    private final LayerNorm plainNorm;

    /** A network of these sizes; holds no memory until it is loaded. */
    public ViT(ViTConfig config) {
        this.config = config;
        ViTNames names = config.names();
        int d = config.width();
        Initializer init = Initializer.normal(INITIAL_STD);
        classToken = names.classToken() == null ? null : weight(names.classToken(), init, 1, 1, d);
        positions = config.positions() instanceof ViTConfig.PositionTable table
                ? weight(names.positions(), init, tableShape(table, classToken != null, d))
                : null;
        registers = config.registers() == 0 ? null : weight(names.registers(), init, 1, config.registers(), d);
        patchEmbed = child(names.patchConv(), PatchEmbed.named("", config.channels(), d, config.patchSize()));
        blocks = child(names.blocks(), new ViTStack(config.block(), config.depth()));
        norm = child(names.norm(), LayerNorm.affine(d, config.block().eps()));
        plainNorm = LayerNorm.plain(config.block().eps());
    }

    private static long[] tableShape(ViTConfig.PositionTable table, boolean hasClassToken, int width) {
        long rows = (long) table.side() * table.side() + (hasClassToken ? 1 : 0);
        return table.isMatrix() ? new long[] {rows, width} : new long[] {1, rows, width};
    }

    /**
     * A network with the weights of a file in Hugging Face's format, converted to float32. What does not belong to the
     * encoder is ignored, and a linear layer has a bias exactly if the file has one.
     *
     * @param weights owns the weights from now on
     * @throws IllegalArgumentException naming what is missing, unexpected or of another shape
     */
    public static ViT of(ViTConfig config, StateDict file, NDManager weights) {
        StateDict own = config.names().select(file);
        ViT network = new ViT(config.withBiasesOf(own));
        network.load(weights, own);
        return network;
    }

    /** Sizes, names and token layout. */
    public ViTConfig config() {
        return config;
    }

    @Override
    public PatchGrid grid(NDArray pixels) {
        Shapes.require("pixels", pixels, Shapes.ANY, config.channels(), Shapes.ANY, Shapes.ANY);
        return PatchGrid.of(pixels, config.patchSize());
    }

    @Override
    public NDArray embed(NDArray pixels) {
        PatchGrid grid = grid(pixels);
        try (TensorScope scope = TensorScope.under(pixels.getManager())) {
            NDArray x = patchEmbed.forward(scope.borrow(pixels)); // (B, P, D)
            if (classToken != null) {
                x = Kernels.insertRows(x, classToken.get(), 0); // (B, 1 + P, D)
            }
            if (config.positions() instanceof ViTConfig.PositionTable table) {
                boolean isSquare = pixels.getShape().get(2) == pixels.getShape().get(3);
                x = x.add(positions(x, table, grid, isSquare));
            }
            return scope.keep(registers == null ? x : Kernels.insertRows(x, registers.get(), 1)); // (B, T, D)
        }
    }

    /** The table as it is for the grid it was trained on; a non-square image is resized even if its count fits. */
    private NDArray positions(NDArray owner, ViTConfig.PositionTable table, PatchGrid grid, boolean isSquare) {
        int side = table.side();
        if (isSquare && grid.count() == side * side) {
            return positions.get();
        }
        int prefix = classToken == null ? 0 : 1;
        return ImageKernels.resizePositions(
                owner, positions.get(), prefix, side, grid.height(), grid.width(), table.isAntialiased());
    }

    @Override
    public NDArray forward(NDArray x, PatchGrid grid, int count, MlpHook hook) {
        try (TensorScope scope = TensorScope.under(x.getManager())) {
            return blocks.forward(x, rotary(scope, grid), count, hook);
        }
    }

    @Override
    public List<NDArray> hiddenStates(NDArray x, PatchGrid grid, MlpHook hook) {
        try (TensorScope scope = TensorScope.under(x.getManager())) {
            return blocks.hiddenStates(x, rotary(scope, grid), hook);
        }
    }

    @Override
    public NDArray attentionWeights(NDArray x, PatchGrid grid, int layer) {
        try (TensorScope scope = TensorScope.under(x.getManager())) {
            return blocks.attentionWeights(x, rotary(scope, grid), layer);
        }
    }

    private RotaryPositions rotary(TensorScope scope, PatchGrid grid) {
        return config.positions() instanceof ViTConfig.Rotary rotary
                ? RotaryPositions.of(
                        scope.manager(), grid, config.block().headWidth(), rotary.theta(), config.prefixTokens())
                : RotaryPositions.NONE;
    }

    @Override
    public NDArray norm(NDArray x, boolean isAffine) {
        return (isAffine ? norm : plainNorm).forward(x);
    }

    @Override
    public int depth() {
        return config.depth();
    }

    @Override
    public int prefixTokens() {
        return config.prefixTokens();
    }

    @Override
    public int patchSize() {
        return config.patchSize();
    }

    @Override
    public int width() {
        return config.width();
    }

    @Override
    public boolean hasClassToken() {
        return config.hasClassToken();
    }
}
