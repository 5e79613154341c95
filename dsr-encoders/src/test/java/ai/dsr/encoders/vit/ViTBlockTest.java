// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.nn.Activation;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ViTBlockTest {
    private static ViTBlockConfig config(ViTBlockConfig.Mlp mlp, boolean qkvBias, BlockNames names) {
        return new ViTBlockConfig(
                8, 2, 16, mlp, Activation.GELU, 1e-6, qkvBias ? Set.of() : names.queryKeyValue(), names);
    }

    @Test
    void theGatedMlpIsSiluOfTheFirstHalfTimesTheSecond(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            ViTBlock block = new ViTBlock(config(ViTBlockConfig.Mlp.SWIGLU, true, BlockNames.dinov2SwiGlu()));
            block.initialize(weights, SeedTree.of(1));
            weights.cap();
            NDArray x = step.randomNormal(new Shape(2, 5, 8));
            NDArray[] activation = new NDArray[1];
            NDArray y = block.forward(x, RotaryPositions.NONE, a -> activation[0] = a);
            NDArray silenced = block.forward(x, RotaryPositions.NONE, a -> a.mul(0));
            NDArray in = step.ones(new Shape()).mul(block.arrays().get("mlp.weights_in.weight"));
            assertEquals(new Shape(32, 8), in.getShape());
            assertEquals(new Shape(2, 5, 16), activation[0].getShape());
            NDArray out = step.ones(new Shape()).mul(block.arrays().get("mlp.weights_out.weight"));
            TensorAssert.assertClose(activation[0].matMul(out.transpose()), y.sub(silenced), 1e-5, 1e-4);
        }
    }

    @Test
    void attentionWeightsOfARowSumToOne(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            ViTBlock block = new ViTBlock(config(ViTBlockConfig.Mlp.PLAIN, true, BlockNames.mae()));
            block.initialize(weights, SeedTree.of(1));
            weights.cap();
            NDArray a = block.attentionWeights(step.randomNormal(new Shape(2, 5, 8)), RotaryPositions.NONE);
            assertEquals(new Shape(2, 2, 5, 5), a.getShape());
            NDArray sums = a.sum(new int[] {3});
            TensorAssert.assertClose(sums.onesLike(), sums, 1e-6, 0);
        }
    }

    @Test
    void aBlockTreatsSamplesAlone(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            ViTBlock block = new ViTBlock(config(ViTBlockConfig.Mlp.PLAIN, false, BlockNames.mae()));
            block.initialize(weights, SeedTree.of(1));
            weights.cap();
            NDArray x = step.randomNormal(new Shape(3, 5, 8));
            NDArray all = block.forward(x, RotaryPositions.NONE, UnaryOperator.identity());
            NDArray one = block.forward(
                    x.get(new NDIndex().addSliceDim(1, 2)), RotaryPositions.NONE, UnaryOperator.identity());
            TensorAssert.assertClose(all.get(new NDIndex().addSliceDim(1, 2)), one, 1e-6, 1e-6);
        }
    }

    @Test
    void namesAndBiasesAreThoseOfTheFamily() {
        ViTBlock mae = new ViTBlock(config(ViTBlockConfig.Mlp.PLAIN, false, BlockNames.mae()));
        assertTrue(mae.shapes().containsKey("layernorm_before.weight"));
        assertTrue(mae.shapes().containsKey("attention.output.dense.bias"));
        assertFalse(mae.shapes().containsKey("attention.attention.query.bias"));
        ViTBlock dinov2 = new ViTBlock(config(ViTBlockConfig.Mlp.PLAIN, true, BlockNames.dinov2()));
        assertEquals(new Shape(8), dinov2.shapes().get("layer_scale2.lambda1"));
        assertTrue(dinov2.shapes().containsKey("attention.attention.key.bias"));
    }

    @Test
    void headsMustDivideTheWidth() {
        String message = assertThrows(
                        IllegalArgumentException.class,
                        () -> new ViTBlockConfig(
                                10, 4, 16, ViTBlockConfig.Mlp.PLAIN, Activation.GELU, 1e-6, Set.of(), BlockNames.mae()))
                .getMessage();
        assertEquals("hidden_size: expected a positive multiple of the attention heads (4), got 10", message);
    }
}
