// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import static org.junit.jupiter.api.Assertions.assertEquals;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.Autograd;
import ai.dsr.core.kernel.Torch;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.critic.DinoDiscriminatorConfig.HeadNorm;
import ai.dsr.testkit.LeakCheck;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every combination of options against {@link PlainDiscriminator}: logits, buffers, and gradients along a direction. */
@ExtendWith(LeakCheck.class)
class DiscriminatorOptionsTest {
    private static final double STEP = 1e-8; // so small that hardly ever a leaky ReLU bends in between

    @ParameterizedTest(name = "{0}, spectral {1}, training {2}, ks {3}, key depths {4}, {5}x{6}")
    @CsvSource({
        "BN, false, false, 1, '',    9,   12",
        "BN, false, true,  3, '0',   240, 7",
        "BN, true,  false, 9, '1 0', 224, 224",
        "BN, true,  true,  5, '1',   16,  300",
        "GN, false, false, 3, '0 7', 30,  20",
        "GN, false, true,  1, '9',   12,  12",
        "GN, true,  false, 7, '0 1', 17,  230",
        "GN, true,  true,  9, '',    225, 31"
    })
    void everyCombinationEqualsThePlainFormulas(
            HeadNorm norm, boolean isSpectral, boolean training, int ks, String depths, int height, int width) {
        List<Integer> keyDepths = depths.isEmpty()
                ? List.of()
                : List.of(depths.split(" ")).stream().map(Integer::valueOf).toList();
        DinoBackboneConfig sizes = new DinoBackboneConfig(2, 64, 4, 56, 1.5, 3, null, null);
        var config = new DinoDiscriminatorConfig(null, "tiny", sizes, ks, keyDepths, norm, isSpectral, 1e-4);
        try (NDManager manager = Torch.newManager()) {
            compare(config, training, new Shape(1, 3, height, width), manager);
        }
    }

    private static void compare(DinoDiscriminatorConfig config, boolean training, Shape shape, NDManager manager) {
        DinoDiscriminator critic = new DinoDiscriminator(config);
        StateDict dino = RecipeWeights.of(critic.backbone().shapes());
        PlainDiscriminator plain = new PlainDiscriminator(
                config, dino, RecipeWeights.of(critic.heads().shapes()));
        plain.iterate(); // random directions would be nearly orthogonal to the weights
        critic.load(manager, dino);
        critic.heads().load(manager, state(critic, plain));
        if (training) {
            plain.iterate();
        }
        RandomStream random = SeedTree.of(3).stream();
        float[] pixels = random.normals((int) shape.size());
        NDArray images = manager.create(pixels, shape);
        images.setRequiresGradient(true);
        NDList inputs = critic.heads().requireGradients(weight -> true);
        inputs.add(images);
        List<double[][]> activations = plain.activations(image(pixels, null, 0, shape));
        try (Autograd tape = Autograd.record()) {
            NDArray logits = critic.forward(images, training);
            float[] got = logits.toFloatArray();
            double[] want = plain.logits(activations);
            assertEquals(want.length, got.length);
            for (int i = 0; i < want.length; i++) {
                assertEquals(want[i], got[i], 2e-4, "logit " + i);
            }
            checkBuffers(critic, plain);
            float[] cotangent = random.normals(got.length);
            NDArray direction = manager.create(cotangent, logits.getShape());
            NDList gradients = tape.gradients(logits.mul(direction).sum(), inputs);
            checkHeads(critic, plain, gradients, activations, cotangent, random);
            float[] along = random.normals(pixels.length);
            double[] ends = {
                loss(plain, plain.activations(image(pixels, along, STEP, shape)), cotangent),
                loss(plain, plain.activations(image(pixels, along, -STEP, shape)), cotangent)
            };
            assertSlope("images", ends, gradients.get(gradients.size() - 1), along);
        }
    }

    private static StateDict state(DinoDiscriminator critic, PlainDiscriminator plain) {
        Map<String, TensorData> tensors = new LinkedHashMap<>();
        critic.heads().shapes().forEach((name, shape) -> {
            double[] doubles = plain.values(name);
            float[] floats = new float[doubles.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) doubles[i];
            }
            tensors.put(name, TensorData.of(floats, shape.getShape()));
        });
        return StateDict.of("heads", tensors);
    }

    private static void checkBuffers(DinoDiscriminator critic, PlainDiscriminator plain) {
        critic.heads().weights().forEach((name, weight) -> {
            float[] got = weight.get().toFloatArray();
            double[] want = plain.values(name);
            for (int i = 0; i < want.length; i++) {
                assertEquals(want[i], got[i], 1e-5, name);
            }
        });
    }

    /** Each gradient times a random direction against the difference of the plain formula along it; u and v stay. */
    private static void checkHeads(
            DinoDiscriminator critic,
            PlainDiscriminator plain,
            NDList gradients,
            List<double[][]> activations,
            float[] cotangent,
            RandomStream random) {
        int next = 0;
        for (Map.Entry<String, Weight> entry : critic.heads().weights().entrySet()) {
            if (!entry.getValue().isBuffer()) {
                double[] values = plain.values(entry.getKey());
                double[] before = values.clone();
                float[] along = random.normals(values.length);
                double[] ends = new double[2];
                for (int side = 0; side < 2; side++) {
                    for (int i = 0; i < values.length; i++) {
                        values[i] = before[i] + (side == 0 ? STEP : -STEP) * along[i];
                    }
                    ends[side] = loss(plain, activations, cotangent);
                }
                System.arraycopy(before, 0, values, 0, values.length);
                assertSlope(entry.getKey(), ends, gradients.get(next++), along);
            }
        }
    }

    private static void assertSlope(String name, double[] ends, NDArray gradient, float... direction) {
        float[] values = gradient.toFloatArray();
        double got = 0;
        double size = 0;
        for (int i = 0; i < values.length; i++) {
            got += (double) values[i] * direction[i];
            size += (double) values[i] * values[i];
        }
        assertEquals((ends[0] - ends[1]) / (2 * STEP), got, 1e-3 * Math.sqrt(size) + 1e-3, name);
    }

    private static double loss(PlainDiscriminator plain, List<double[][]> activations, float... cotangent) {
        double[] logits = plain.logits(activations);
        double loss = 0;
        for (int i = 0; i < logits.length; i++) {
            loss += logits[i] * cotangent[i];
        }
        return loss;
    }

    private static double[][][] image(float[] pixels, float[] direction, double step, Shape shape) {
        int height = (int) shape.get(2);
        int width = (int) shape.get(3);
        double[][][] image = new double[3][height][width];
        for (int i = 0; i < pixels.length; i++) {
            double moved = direction == null ? pixels[i] : pixels[i] + step * direction[i];
            image[i / (height * width)][i / width % height][i % width] = moved;
        }
        return image;
    }
}
