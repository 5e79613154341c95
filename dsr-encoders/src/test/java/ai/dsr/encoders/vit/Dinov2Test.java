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
import ai.dsr.encoders.vit.Dinov2Config.Variant;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class Dinov2Test {
    private NDManager weights;
    private NDManager step;

    @BeforeEach
    void open() {
        weights = Torch.newManager();
        step = Torch.newManager();
    }

    @AfterEach
    void close() {
        step.close();
        weights.close();
    }

    private static ViTEncoder encoder(ViT network, TokenReadout readout) {
        return new ViTEncoder(EncoderFamily.DINOV2, network, PixelNorm.imageNet(), readout);
    }

    private NDArray pixels(long height, long width) {
        return step.randomUniform(-1, 1, new Shape(2, 3, height, width));
    }

    @Test
    void encodingLeavesNothingButTheTokens() {
        ViT network = TinyDinov2.network(weights, Variant.REGISTERS);
        NDArray x = pixels(16, 8);
        int before = step.getManagedArrays().size();
        EncoderOutput output = encoder(network, TokenReadout.NORMALIZED).encode(x);
        assertEquals(new Shape(2, 8, 16), output.tokens().getShape());
        assertEquals(4, output.gridHeight());
        assertEquals(2, output.gridWidth());
        assertFalse(output.hasLatents());
        assertEquals(before + 1, step.getManagedArrays().size());
    }

    @Test
    void pixelsBeyondTheLastWholePatchAreUnused() {
        ViT network = TinyDinov2.network(weights, Variant.PLAIN);
        VisionEncoder encoder = encoder(network, TokenReadout.NORMALIZED);
        NDArray x = pixels(19, 19);
        NDArray cropped =
                x.get(new NDIndex().addAllDim().addAllDim().addSliceDim(0, 16).addSliceDim(0, 16));
        TensorAssert.assertClose(
                encoder.encode(cropped).tokens(), encoder.encode(x).tokens(), 1e-6, 1e-6);
    }

    @Test
    void aNarrowGridOfTheTrainedCountHasResizedPositions() {
        ViT network = TinyDinov2.network(weights, Variant.PLAIN);
        NDArray zeros = step.zeros(new Shape(1, 3, 4, 36)); // 1 x 9 patches, as many as 3 x 3
        NDArray square = step.zeros(new Shape(1, 3, 12, 12));
        NDArray difference =
                network.embed(zeros).sub(network.embed(square)).abs().max();
        assertTrue(difference.getFloat() > 1e-3);
    }

    @Test
    void theNormWithoutAffinePartGivesTokensOfNormRootD() {
        ViT network = TinyDinov2.network(weights, Variant.PLAIN);
        EncoderOutput output = encoder(network, TokenReadout.NORMALIZED).encode(pixels(12, 12));
        NDArray norms = output.tokens().square().sum(new int[] {2}).sqrt();
        TensorAssert.assertClose(norms.onesLike().mul(4), norms, 1e-3, 0);
    }

    @Test
    void aLayerIndexGivesThatHiddenStateAndCountsFromTheEndToo() {
        ViT network = TinyDinov2.network(weights, Variant.PLAIN);
        NDArray x = pixels(12, 12);
        List<NDArray> states = network.hiddenStates(x);
        assertEquals(4, states.size());
        int[][] pairs = {{0, 0}, {2, 2}, {3, 3}, {-2, 2}, {-4, 0}};
        for (int[] pair : pairs) {
            NDArray want = states.get(pair[1]).get(new NDIndex().addAllDim().addSliceDim(1, 10));
            for (boolean isNormalized : new boolean[] {true, false}) {
                VisionEncoder encoder = encoder(network, new TokenReadout(isNormalized, pair[0], -1));
                TensorAssert.assertClose(want, encoder.encode(x).tokens(), 1e-6, 1e-6);
            }
        }
    }

    @Test
    void anImpossibleLayerIndexIsRefused() {
        ViT network = TinyDinov2.network(weights, Variant.PLAIN);
        for (int index : new int[] {4, -5}) {
            String message = assertThrows(
                            IllegalArgumentException.class,
                            () -> encoder(network, TokenReadout.NORMALIZED.withLayerIndex(index)))
                    .getMessage();
            assertEquals("layer_index: expected -4 to 3, got " + index, message);
        }
    }

    @Test
    void theHookSeesEachBlockThatRunsAndReplacesItsActivation() {
        ViT network = TinyDinov2.network(weights, Variant.PLAIN);
        NDArray x = network.embed(pixels(12, 12));
        List<Integer> layers = new ArrayList<>();
        NDArray plain = network.forward(x, new PatchGrid(3, 3), 2, (layer, activation) -> {
            assertEquals(new Shape(2, 10, 32), activation.getShape());
            layers.add(layer);
            return activation;
        });
        assertEquals(List.of(0, 1), layers);
        TensorAssert.assertSame(network.forward(x, new PatchGrid(3, 3), 2, MlpHook.NONE), plain);
        NDArray silent = network.forward(x, new PatchGrid(3, 3), 2, (layer, activation) -> activation.mul(0));
        assertTrue(silent.sub(plain).abs().max().getFloat() > 1e-3);
    }

    @Test
    void wrongImagesAreNamed() {
        ViT network = TinyDinov2.network(weights, Variant.PLAIN);
        VisionEncoder encoder = encoder(network, TokenReadout.NORMALIZED);
        assertEquals(
                "pixels: expected (*, 3, *, *), got (2, 4, 12, 12)",
                assertThrows(IllegalArgumentException.class, () -> encoder.encode(step.zeros(new Shape(2, 4, 12, 12))))
                        .getMessage());
        assertEquals(
                "pixels: expected sides of at least one patch (4), got (2, 3, 3, 12)",
                assertThrows(IllegalArgumentException.class, () -> encoder.encode(step.zeros(new Shape(2, 3, 3, 12))))
                        .getMessage());
    }
}
