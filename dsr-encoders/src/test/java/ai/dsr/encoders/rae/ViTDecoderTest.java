// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class ViTDecoderTest {
    private static final DecoderConfig CONFIG = new DecoderConfig(8, 16, 2, 4, 32, "gelu", 1e-12, true, 3, 2, 8, 16);

    private NDManager weights;
    private NDManager step;
    private ViTDecoder decoder;

    @BeforeEach
    void open() {
        weights = Torch.newManager();
        step = Torch.newManager();
        decoder = new ViTDecoder(CONFIG);
        decoder.initialize(weights, SeedTree.of(5));
        weights.cap();
    }

    @AfterEach
    void close() {
        step.close();
        weights.close();
    }

    @Test
    void theLargestPublishedDecoderHas415MillionParametersWithoutTakingMemory() {
        ViTDecoder large =
                new ViTDecoder(new DecoderConfig(768, 1152, 28, 16, 4096, "gelu", 1e-12, true, 3, 16, 256, 256));
        assertEquals(415_352_704, large.parameterCount());
        assertTrue(large.weights().values().stream().noneMatch(weight -> weight.isBound()));
    }

    @Test
    void positionsStartAsCodesAndTheClassTokenAsZero() {
        NDArray table = decoder.arrays().get("decoder_pos_embed");
        TensorAssert.assertClose(step.create(DecoderPositions.table(16, 4), new Shape(1, 17, 16)), table, 0, 0);
        TensorAssert.assertSame(
                step.zeros(new Shape(1, 1, 16)), decoder.arrays().get("trainable_cls_token"));
        assertTrue(decoder.weights().get("decoder_pos_embed").isTable());
    }

    @Test
    void unpatchifyPutsEveryPixelInItsPlace() {
        NDArray image = step.arange(2 * 3 * 8 * 8).reshape(2, 3, 8, 8);
        NDArray patches =
                image.reshape(2, 3, 4, 2, 4, 2).transpose(0, 2, 4, 3, 5, 1).reshape(2, 16, 12);
        TensorAssert.assertSame(image, decoder.unpatchify(patches));
        assertEquals(new Shape(2, 3, 2, 32), decoder.unpatchify(patches, 2, 32).getShape());
    }

    @Test
    void aGridOfAnotherCountIsRefused() {
        assertEquals(
                "patches: expected (*, 12, 12), got (2, 16, 12)",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> decoder.unpatchify(step.zeros(new Shape(2, 16, 12)), 6, 8))
                        .getMessage());
    }

    @Test
    void aClassTokenInFrontOfTheLatentsPlaysNoPart() {
        NDArray z = step.randomNormal(new Shape(2, 17, 8));
        NDArray rest = z.get(new NDIndex().addAllDim().addSliceDim(1, 17));
        TensorAssert.assertClose(decoder.forward(rest), decoder.forward(z, true, false), 1e-5, 1e-5);
        TensorAssert.assertSame(decoder.forward(z, true, false), decoder.forward(z, true, true));
    }

    @Test
    void interpolatedPositionsNeedADroppedClassToken() {
        assertEquals(
                "interpolate_pos_encoding: expected drop_cls_token with it, got drop_cls_token false",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> decoder.forward(step.zeros(new Shape(1, 16, 8)), false, true))
                        .getMessage());
    }

    @Test
    void wrongLatentsAreNamed() {
        assertEquals(
                "z: expected 16 tokens or another square number, got 15",
                assertThrows(IllegalArgumentException.class, () -> decoder.forward(step.zeros(new Shape(1, 15, 8))))
                        .getMessage());
        assertEquals(
                "z: expected (*, *, 8), got (1, 16, 9)",
                assertThrows(IllegalArgumentException.class, () -> decoder.forward(step.zeros(new Shape(1, 16, 9))))
                        .getMessage());
    }

    @Test
    void everyParameterGetsAGradient() {
        NDArray z = step.randomNormal(new Shape(2, 9, 8)); // interpolated on the way
        NDList trained = decoder.requireGradients(weight -> true);
        try (Autograd tape = Autograd.record()) {
            NDArray loss = decoder.unpatchify(decoder.forward(z)).square().mean();
            NDList gradients = tape.gradients(loss, trained);
            int i = 0;
            for (String name : decoder.weights().keySet()) {
                float largest = gradients.get(i++).abs().max().getFloat();
                // the key bias of softmax attention adds the same to every score of a query
                assertTrue(largest > 0 || name.endsWith("key.bias"), name);
            }
        }
    }

    @Test
    void positionsOfTheSameCountAreTheSameWhenInterpolated() {
        NDArray table = step.create(DecoderPositions.table(16, 4), new Shape(1, 17, 16));
        TensorAssert.assertClose(table, DecoderPositions.interpolate(table, 16), 1e-6, 0);
        assertEquals(
                "tokens: expected 1 or more, got 0",
                assertThrows(IllegalArgumentException.class, () -> DecoderPositions.interpolate(table, 0))
                        .getMessage());
    }
}
