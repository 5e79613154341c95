// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.nn.Activation;
import ai.dsr.core.random.SeedTree;
import ai.dsr.encoders.vit.Dinov2Config;
import ai.dsr.encoders.vit.ViT;
import ai.dsr.encoders.vit.ViTConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A random vision transformer with outliers of known cause: planted neurons fire on bright patches and write a long
 * vector. Images are dim noise with one bright patch.
 */
final class PlantedViT {
    static final int WIDTH = 16;
    static final int HIDDEN = 32;
    static final int SIDE = 24;
    static final int PATCH = 4;
    static final int PATCHES = 36;

    private static final float PEAK = 20; // of the neuron on a bright patch
    private static final float LEVEL = 10; // taken off, so that it is silent elsewhere
    private static final SeedTree SEEDS = SeedTree.of(5);

    private PlantedViT() {}

    /** A neuron to plant and the length of what it writes on a bright patch. */
    record Planted(int layer, int neuron, float length) {}

    static ViTConfig config() {
        return new Dinov2Config(
                        Dinov2Config.Variant.PLAIN,
                        WIDTH,
                        3,
                        2,
                        2,
                        false,
                        Activation.GELU,
                        1e-6,
                        SIDE,
                        PATCH,
                        3,
                        true,
                        0)
                .network();
    }

    /** The network; {@code weights} owns it. */
    static ViT network(NDManager weights, List<Planted> neurons) {
        try (NDManager scratch = weights.newSubManager()) {
            ViT plain = new ViT(config());
            plain.initialize(scratch, SEEDS);
            float[] bright = direction(plain, scratch);
            Map<String, TensorData> tensors = new LinkedHashMap<>();
            plain.arrays().forEach((name, array) -> tensors.put(name, TensorData.of(array)));
            for (Planted planted : neurons) {
                plant(tensors, planted, bright);
            }
            ViT network = new ViT(config());
            network.load(weights, StateDict.of("planted", tensors));
            return network;
        }
    }

    /** What a bright patch looks like after a layer norm: it keeps this direction through the network. */
    private static float[] direction(ViT plain, NDManager scratch) {
        NDArray x = plain.embed(image(scratch, 0)).get(0, 1 + brightPatch(0)); // (D)
        NDArray centred = x.sub(x.mean());
        return centred.div(centred.pow(2).mean().sqrt()).toFloatArray();
    }

    private static void plant(Map<String, TensorData> tensors, Planted planted, float[] bright) {
        String mlp = "encoder.layer." + planted.layer() + ".mlp.";
        float[] in = tensors.get(mlp + "fc1.weight").toFloats(); // (F, D)
        float[] bias = tensors.get(mlp + "fc1.bias").toFloats();
        float[] out = tensors.get(mlp + "fc2.weight").toFloats(); // (D, F)
        float[] write = SEEDS.child("write").at(planted.neuron()).stream().normals(WIDTH);
        double norm = 0;
        for (float value : write) {
            norm += value * value;
        }
        for (int i = 0; i < WIDTH; i++) {
            in[planted.neuron() * WIDTH + i] = bright[i] / WIDTH * (PEAK + LEVEL);
            out[i * HIDDEN + planted.neuron()] = (float) (write[i] / Math.sqrt(norm)) * planted.length() / PEAK;
        }
        bias[planted.neuron()] = -LEVEL;
        tensors.put(mlp + "fc1.weight", TensorData.of(in, HIDDEN, WIDTH));
        tensors.put(mlp + "fc1.bias", TensorData.of(bias, HIDDEN));
        tensors.put(mlp + "fc2.weight", TensorData.of(out, WIDTH, HIDDEN));
    }

    /** Which patch of an image is bright. */
    static int brightPatch(int image) {
        return 7 + 5 * image % (PATCHES - 7);
    }

    /** Image {@code index}, {@code (1, 3, H, W)}. */
    static NDArray image(NDManager manager, int index) {
        float[] noise = SEEDS.child("image").at(index).stream().normals(3 * SIDE * SIDE);
        NDArray pixels = manager.create(noise, new Shape(1, 3, SIDE, SIDE)).mul(0.2f);
        int row = brightPatch(index) / (SIDE / PATCH) * PATCH;
        int column = brightPatch(index) % (SIDE / PATCH) * PATCH;
        pixels.set(
                new NDIndex()
                        .addAllDim()
                        .addAllDim()
                        .addSliceDim(row, row + PATCH)
                        .addSliceDim(column, column + PATCH),
                1.2f);
        return pixels;
    }

    /** The first {@code count} images. */
    static RecursiveSearch.Pixels images(int count) {
        return new RecursiveSearch.Pixels() {
            @Override
            public int count() {
                return count;
            }

            @Override
            public NDArray get(NDManager manager, int index) {
                return image(manager, index);
            }
        };
    }
}
