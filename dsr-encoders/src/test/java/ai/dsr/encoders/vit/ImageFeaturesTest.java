// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.nn.Activation;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ImageFeaturesTest {
    private static ViT network(ViTConfig config, NDManager weights) {
        ViT network = new ViT(config);
        network.initialize(weights, SeedTree.of(6));
        // A norm whose affine part is seen: ones and zeros would hide it.
        network.arrays().get("layernorm.weight").addi(0.5f);
        network.arrays().get("layernorm.bias").addi(2f);
        return network;
    }

    @Test
    void featuresHaveTheFinalNormWithWeightAndBias(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            ViT network = network(
                    TinyDinov2.config(Dinov2Config.Variant.REGISTERS, false).network(), weights);
            weights.cap();
            NDArray x = step.randomNormal(new Shape(2, 3, 12, 8));
            NDArray last = network.hiddenStates(x).get(3); // (2, 5 + 6, 16)
            NDArray normed = network.norm(last, false).mul(1.5f).add(2);
            int before = step.getManagedArrays().size();
            ImageFeatures features = ImageFeatures.of(network, x);
            assertEquals(before + 2, step.getManagedArrays().size());
            TensorAssert.assertClose(normed.get(":, 0"), features.classToken(), 1e-5, 1e-5);
            TensorAssert.assertClose(normed.get(":, 5:").mean(new int[] {1}), features.patchMean(), 1e-5, 1e-5);
        }
    }

    @Test
    void aNetworkWithoutClassTokenGivesTheMeanAlone(NDManager step) {
        Siglip2Config config = new Siglip2Config(16, 24, 1, 2, Activation.GELU_TANH, 1e-6, 12, 4, 3);
        try (NDManager weights = Torch.newManager()) {
            ViT network = new ViT(config.network());
            network.initialize(weights, SeedTree.of(6));
            weights.cap();
            ImageFeatures features = ImageFeatures.of(network, step.randomNormal(new Shape(2, 3, 12, 12)));
            assertNull(features.classToken());
            assertEquals(new Shape(2, 16), features.patchMean().getShape());
        }
    }
}
