// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.SafeTensors;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.random.SeedTree;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.function.Executable;

@ExtendWith(LeakCheck.class)
class LpipsTest {
    private static NDManager weights;
    private static Lpips lpips;

    @BeforeAll
    static void load() {
        weights = Torch.newManager();
        lpips = Lpips.of(vgg(), weights);
        weights.cap();
    }

    @AfterAll
    static void close() {
        weights.close();
    }

    /** A file like torchvision's, with the classifier. */
    private static StateDict vgg() {
        Map<String, TensorData> classifier = Map.of("classifier.6.bias", TensorData.of(new float[1000], 1000));
        return RecipeWeights.of("vgg16.pth", new Vgg16Features().shapes(), classifier);
    }

    private static NDArray images(NDManager manager, long seed, long... shape) {
        Shape s = new Shape(shape);
        return manager.create(SeedTree.of(seed).stream().normals((int) s.size()), s)
                .tanh();
    }

    @Test
    void theNetworkIsTheConvolutionsOfVgg16() {
        // 138,357,544 parameters, of them 123,642,856 in the classifier (torchvision's vgg16).
        Vgg16Features vgg = new Vgg16Features();
        assertEquals(138_357_544 - 123_642_856, vgg.parameterCount());
        assertEquals(new Shape(512, 256, 3, 3), vgg.shapes().get("features.17.weight"));
        assertEquals(new Shape(512), vgg.shapes().get("features.28.bias"));
    }

    @Test
    void theHeadsAreThePublishedOnes() {
        Path root = Path.of(System.getProperty("dsr.root", ".."));
        StateDict golden = SafeTensors.read(root.resolve("fixtures/stage1.loss/lpips/tensors.safetensors"))
                .under("param/");
        StateDict heads = LpipsHeads.published();
        assertEquals(golden.names(), heads.names());
        for (String name : heads.names()) {
            assertEquals(golden.get(name).bytes(), heads.get(name).bytes());
            assertEquals(golden.get(name).toShape(), heads.get(name).toShape());
        }
    }

    @Test
    void distanceIsSymmetricZeroForEqualImagesAndAFunctionOfThePair(NDManager step) {
        NDArray a = images(step, 1, 2, 3, 17, 31);
        NDArray b = images(step, 2, 2, 3, 17, 31);
        NDArray distance = lpips.forward(a, b);
        assertEquals(new Shape(2), distance.getShape());
        assertTrue(distance.min().getFloat() > 0);
        TensorAssert.assertClose(distance, lpips.forward(b, a), 1e-7, 1e-6);
        TensorAssert.assertSame(distance.zerosLike(), lpips.forward(a, a));
        TensorAssert.assertClose(lpips.layers(a, b).sum(new int[] {1}), distance, 0, 1e-6);
        NDArray alone = lpips.forward(a.get("1:"), b.get("1:"));
        TensorAssert.assertClose(distance.get("1:"), alone, 1e-6, 1e-5);
    }

    @Test
    void featuresHalveWithThePoolsAndOddSidesAreCut(NDManager step) {
        List<NDArray> features = lpips.features(images(step, 1, 1, 3, 23, 40));
        assertEquals(new Shape(1, 64, 23, 40), features.get(0).getShape());
        assertEquals(new Shape(1, 128, 11, 20), features.get(1).getShape());
        assertEquals(new Shape(1, 512, 1, 2), features.get(4).getShape());
    }

    @Test
    void gradientsAreThoseOfBothImages(NDManager step) {
        NDArray a = images(step, 1, 1, 3, 16, 16);
        NDArray b = images(step, 2, 1, 3, 16, 16);
        a.setRequiresGradient(true);
        b.setRequiresGradient(true);
        NDList there;
        NDList back;
        try (Autograd tape = Autograd.record()) {
            there = tape.gradients(lpips.forward(a, b).sum(), new NDList(a, b));
            back = tape.gradients(lpips.forward(b, a).sum(), new NDList(a, b));
            NDArray none =
                    tape.gradients(lpips.forward(a, a).sum(), new NDList(a)).get(0);
            TensorAssert.assertSame(none.zerosLike(), none); // a minimum
        }
        for (int i = 0; i < 2; i++) {
            assertTrue(there.get(i).abs().max().getFloat() > 0);
            TensorAssert.assertClose(there.get(i), back.get(i), 1e-8, 1e-4);
        }
        assertFalse(there.get(0).equals(there.get(1)));
    }

    @Test
    void imagesThatDoNotFitAreRefused(NDManager step) {
        NDArray a = images(step, 1, 1, 3, 16, 16);
        assertEquals(
                "images: expected two of the same shape, got (1, 3, 16, 16) and (1, 3, 16, 17)",
                message(() -> lpips.forward(a, images(step, 1, 1, 3, 16, 17))));
        NDArray small = images(step, 1, 1, 3, 15, 40);
        assertEquals(
                "images: expected sides of at least 16 pixels, got (1, 3, 15, 40)",
                message(() -> lpips.forward(small, small)));
    }

    @Test
    void aFileOfAnotherNetworkIsRefused(NDManager step) {
        StateDict vgg11 = vgg().without("features.28.");
        assertEquals(
                "vgg16.pth: 2 names missing (features.28.weight, features.28.bias)",
                message(() -> Lpips.of(vgg11, step)));
    }

    private static String message(Executable call) {
        return assertThrows(IllegalArgumentException.class, call).getMessage();
    }
}
