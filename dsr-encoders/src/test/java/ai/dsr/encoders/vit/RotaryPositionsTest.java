// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.nn.Activation;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class RotaryPositionsTest {
    private static final PatchGrid GRID = new PatchGrid(2, 3);
    private static final int HEADS = 2;
    private static final int HEAD_WIDTH = 8;

    private static NDArray tokens(NDManager step, int rows) {
        return step.randomNormal(new Shape(2, rows, HEADS * HEAD_WIDTH));
    }

    private static RotaryPositions rotary(NDManager step) {
        return RotaryPositions.of(step, GRID, HEAD_WIDTH, 100, 5);
    }

    @Test
    void rowsBeforeAndBehindThePatchesPass(NDManager step) {
        NDArray x = tokens(step, 5 + 6 + 3);
        NDArray y = rotary(step).apply(x, HEADS);
        TensorAssert.assertSame(x.get(":, :5"), y.get(":, :5"));
        TensorAssert.assertSame(x.get(":, 11:"), y.get(":, 11:"));
        assertTrue(x.sub(y).get(":, 5:11").abs().max().getFloat() > 0.1);
    }

    @Test
    void appendedRowsChangeNothingAboutThePatches(NDManager step) {
        NDArray x = tokens(step, 14);
        NDArray y = rotary(step).apply(x, HEADS);
        TensorAssert.assertSame(rotary(step).apply(x.get(":, :11"), HEADS), y.get(":, :11"));
    }

    @Test
    void turningKeepsNorms(NDManager step) {
        NDArray x = tokens(step, 11);
        NDArray y = rotary(step).apply(x, HEADS);
        TensorAssert.assertClose(Kernels.norm(x, 2), Kernels.norm(y, 2), 1e-5, 1e-5);
    }

    @Test
    void theMiddleOfAnOddGridIsNotTurned(NDManager step) {
        NDArray x = tokens(step, 9);
        NDArray y = RotaryPositions.of(step, new PatchGrid(3, 3), HEAD_WIDTH, 100, 0)
                .apply(x, HEADS);
        TensorAssert.assertClose(x.get(":, 4"), y.get(":, 4"), 1e-6, 1e-6);
    }

    @Test
    void theTransposedTurnGivesTheGradient(NDManager step) {
        NDArray x = tokens(step, 12);
        NDArray direction = tokens(step, 12);
        RotaryPositions rotary = rotary(step);
        try (Autograd tape = Autograd.record()) {
            x.setRequiresGradient(true);
            NDArray y = rotary.apply(x, HEADS);
            NDList gradients = tape.gradients(y.mul(direction).sum(), new NDList(x));
            // <R x, v> = <x, R' v>: the gradient has the norm of v, and turning it forward again gives v.
            TensorAssert.assertClose(direction, rotary.apply(gradients.get(0), HEADS), 1e-5, 1e-5);
        }
    }

    @Test
    void theBackboneTakesRowsBehindThePatches(NDManager step) {
        ViTConfig config = new Dinov3Config(
                        16, 24, 2, 2, false, Activation.GELU, 1e-5, 100, 2, 3, 4, Dinov3Config.Biases.published())
                .network();
        try (NDManager weights = Torch.newManager()) {
            ViT network = new ViT(config);
            network.initialize(weights, SeedTree.of(2));
            weights.cap();
            NDArray pixels = step.randomNormal(new Shape(1, 3, 4, 6));
            PatchGrid grid = network.grid(pixels);
            NDArray x = network.embed(pixels);
            NDArray rows = Kernels.insertRows(
                    x, step.zeros(new Shape(1, 2, 16)), x.getShape().get(1));
            NDArray y = network.forward(rows, grid, 2, MlpHook.NONE);
            TensorAssert.assertSame(network.patches(y, grid), y.get(":, 5:11"));
            // What a block does with a row does not depend on where it stands, unless it is a patch.
            NDArray moved = Kernels.insertRows(x, step.zeros(new Shape(1, 2, 16)), 0);
            NDArray swapped = moved.get(":, 2:").concat(moved.get(":, :2"), 1);
            TensorAssert.assertSame(y, network.forward(swapped, grid, 2, MlpHook.NONE));
            NDArray weightsOfBlock = network.attentionWeights(rows, grid, 1);
            TensorAssert.assertClose(weightsOfBlock.sum(new int[] {3}), step.ones(new Shape(1, 2, 13)), 1e-6, 1e-6);
        }
    }
}
