// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.critic.DinoDiscriminatorConfig.HeadNorm;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class DinoDiscriminatorTest {
    private static final DinoBackboneConfig TINY = DinoBackboneConfig.of(3, 32, 2, 56); // 16 patches

    private static DinoDiscriminatorConfig config(List<Integer> depths, HeadNorm norm, boolean isSpectral) {
        return new DinoDiscriminatorConfig(null, "tiny", TINY, 3, depths, norm, isSpectral, 1e-6);
    }

    private static DinoDiscriminator open(DinoDiscriminatorConfig config, NDManager weights) {
        DinoDiscriminator critic = new DinoDiscriminator(config);
        critic.load(weights, file(critic.backbone()));
        critic.heads().initialize(weights, SeedTree.of(1));
        weights.cap();
        return critic;
    }

    /** A file of the transformer, with what only its training used. */
    private static StateDict file(DinoBackbone backbone) {
        return RecipeWeights.of(
                "dino.pth",
                backbone.shapes(),
                Map.of(
                        "norm.weight", TensorData.of(new float[32], 32),
                        "head.mlp.0.weight", TensorData.of(new float[2], 2)));
    }

    private static NDArray images(NDManager manager, long seed, int count) {
        Shape shape = new Shape(count, 3, 20, 30);
        return manager.create(SeedTree.of(seed).stream().normals((int) shape.size()), shape);
    }

    @Test
    void everyActivationHasAHeadTheLastBlockFirst(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            DinoDiscriminator critic = open(config(List.of(1, 0, 7), HeadNorm.BN, true), weights);
            NDArray x = images(step, 1, 2);
            assertEquals(new Shape(2, 3 * 16), critic.forward(x, false).getShape());
            List<NDArray> activations = critic.activations(x);
            assertEquals(3, activations.size());
            NDArray onLast = critic.backbone().activations(x, List.of(2)).get(1);
            TensorAssert.assertSame(onLast, activations.get(0));
            NDArray onFirst = critic.backbone().activations(x, List.of(0)).get(1);
            TensorAssert.assertSame(onFirst, activations.get(1));
        }
    }

    @Test
    void samplesAreJudgedAlone(NDManager step) {
        for (HeadNorm norm : HeadNorm.values()) {
            try (NDManager weights = Torch.newManager()) {
                DinoDiscriminator critic = open(config(List.of(0), norm, false), weights);
                NDArray x = images(step, 1, 3);
                NDIndex second = new NDIndex().addSliceDim(1, 2);
                TensorAssert.assertClose(
                        critic.forward(x, true).get(second), critic.forward(x.get(second), true), 1e-5, 1e-5);
            }
        }
    }

    @Test
    void onlyTrainingMovesTheBuffersOnceACall(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            DinoDiscriminator critic = open(config(List.of(0), HeadNorm.GN, true), weights);
            NDArray x = images(step, 1, 1);
            List<TensorData> start = buffers(critic);
            assertEquals(2 * 3 * 2, start.size()); // heads, convolutions, u and v
            NDArray before = critic.forward(x, false);
            assertFloats(start, buffers(critic), true);
            critic.forward(x, true);
            List<TensorData> once = buffers(critic);
            assertFloats(start, once, false);
            NDArray after = critic.forward(x, false);
            assertFloats(once, buffers(critic), true);
            assertNotEquals(before, after);
        }
    }

    private static List<TensorData> buffers(DinoDiscriminator critic) {
        return critic.heads().weights().values().stream()
                .filter(Weight::isBuffer)
                .map(weight -> TensorData.of(weight.get()))
                .toList();
    }

    /** Buffers of one number are 1 or -1 and may stay. */
    private static void assertFloats(List<TensorData> want, List<TensorData> got, boolean isSame) {
        for (int i = 0; i < want.size(); i++) {
            if (want.get(i).size() > 1) {
                assertEquals(isSame, want.get(i).bytes().equals(got.get(i).bytes()));
            }
        }
    }

    @Test
    void gradientsReachHeadsAndImagesButNotTheTransformer(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            DinoDiscriminator critic = open(config(List.of(0), HeadNorm.BN, true), weights);
            NDArray x = images(step, 1, 2);
            x.setRequiresGradient(true);
            NDList inputs = critic.heads().requireGradients(weight -> true);
            assertEquals(2 * 10, inputs.size()); // a weight and a bias of three convolutions and two norms
            inputs.add(x);
            try (Autograd tape = Autograd.record()) {
                NDArray loss = critic.forward(x, true).square().sum();
                for (NDArray gradient : tape.gradients(loss, inputs)) {
                    float largest = gradient.abs().max().getFloat();
                    assertTrue(Float.isFinite(largest));
                    // a norm takes the bias before it away again: what is left of its gradient is rounding
                    assertTrue(largest > 1e-4 || gradient.getShape().dimension() == 1);
                }
            }
            assertFalse(critic.backbone().arrays().values().stream().anyMatch(NDArray::hasGradient));
        }
    }

    @Test
    void biasesOfKeysAreZeroedAndChangeNothing(NDManager step) {
        try (NDManager weights = Torch.newManager();
                NDManager others = Torch.newManager()) {
            DinoDiscriminator critic = open(config(List.of(0), HeadNorm.BN, true), weights);
            NDArray bias = critic.backbone().arrays().get("blocks.1.attn.qkv.bias");
            float[] values = bias.toFloatArray();
            for (int i = 0; i < values.length; i++) {
                assertEquals(i >= 32 && i < 64, values[i] == 0);
            }
            DinoBackbone untouched = new DinoBackbone(TINY, 1e-6);
            untouched.load(others, file(untouched), name -> name.startsWith("norm.") || name.startsWith("head."));
            NDArray x = images(step, 1, 2);
            NDArray got = NDArrays.stack(new NDList(critic.activations(x)));
            TensorAssert.assertClose(NDArrays.stack(new NDList(untouched.activations(x, List.of(0)))), got, 1e-4, 1e-4);
        }
    }

    @Test
    void imagesOfTheRightSizeAreNotResized(NDManager step) {
        try (NDManager weights = Torch.newManager()) {
            DinoDiscriminator critic = open(config(List.of(), HeadNorm.BN, false), weights);
            NDArray small = step.ones(new Shape(1, 3, 10, 7));
            NDArray large = step.ones(new Shape(1, 3, 224, 224));
            TensorAssert.assertClose(critic.forward(large, false), critic.forward(small, false), 1e-5, 1e-5);
            assertEquals(
                    "images: expected (*, 3, *, *), got (1, 4, 8, 8)",
                    assertThrows(
                                    IllegalArgumentException.class,
                                    () -> critic.forward(step.ones(new Shape(1, 4, 8, 8)), false))
                            .getMessage());
        }
    }

    @Test
    void namesOfTheStateAreThoseOfPublishedHeads() {
        Map<String, Shape> spectral =
                new DinoDiscriminator(DinoDiscriminatorConfig.of("S_8")).heads().shapes();
        assertEquals(new Shape(384, 384, 9), spectral.get("heads.4.1.fn.0.weight_orig"));
        assertEquals(new Shape(384), spectral.get("heads.4.1.fn.0.weight_u"));
        assertEquals(new Shape(3456), spectral.get("heads.4.1.fn.0.weight_v"));
        assertEquals(new Shape(384), spectral.get("heads.0.0.1.bias"));
        assertEquals(new Shape(1, 384, 1), spectral.get("heads.0.2.weight_orig"));
        assertEquals(5 * 16, spectral.size());
        Map<String, Shape> plain = new DinoDiscriminator(config(List.of(), HeadNorm.GN, false))
                .heads()
                .shapes();
        assertEquals(new Shape(32, 32, 3), plain.get("heads.0.1.fn.0.weight"));
        assertEquals(10, plain.size());
    }

    /** Millions of pytorch-image-models for {@code vit_small_patch16_224.dino} and its kin; the final norm is not here. */
    @Test
    void publishedTransformersHaveTheirPublishedSize() {
        Map<String, Double> millions = Map.of("S_16", 21.67, "S_8", 21.67, "B_16", 85.80);
        millions.forEach((recipe, size) -> {
            DinoBackboneConfig sizes = DinoBackboneConfig.named(recipe);
            long count = new DinoBackbone(sizes, 1e-6).parameterCount() + 2L * sizes.embedDim();
            assertEquals(size, Math.round(count / 1e4) / 100.0, 1e-9, recipe);
        });
    }

    @Test
    void aFileOfAnotherTransformerIsRefused() {
        DinoDiscriminator critic = new DinoDiscriminator(config(List.of(), HeadNorm.BN, true));
        StateDict file = file(critic.backbone()).without("blocks.2.");
        try (NDManager weights = Torch.newManager()) {
            String message = assertThrows(IllegalArgumentException.class, () -> critic.load(weights, file))
                    .getMessage();
            assertTrue(message.startsWith("dino.pth: 12 names missing (blocks.2.norm1.weight, "), message);
        }
    }
}
