// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.LayerKernels;
import ai.dsr.core.nn.Dense;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.LayerNorm;
import ai.dsr.core.nn.PatchEmbed;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import ai.dsr.encoders.vit.PixelNorm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The frozen vision transformer of the first DINO (Caron et al., 2021) whose features the discriminator looks at.
 *
 * <p>Names are those of its published files. Deviation: GELU in its tanh form where DINO was trained with the exact one,
 * as in the released discriminator; published heads expect the features of this form.
 */
public final class DinoBackbone extends Layer {
    /** Side that every image is resized to. */
    public static final int IMAGE_SIZE = 224;

    private static final double INITIAL_STD = 0.02;
    private static final String QKV_BIAS = ".attn.qkv.bias";

    /** ImageNet's statistics for pixels in [-1, 1] instead of [0, 1]. */
    private static final List<Double> MEAN =
            PixelNorm.imageNet().mean().stream().map(m -> 2 * m - 1).toList();

    private static final List<Double> STD =
            PixelNorm.imageNet().std().stream().map(s -> 2 * s).toList();

    private final Weight classToken;
    private final Weight positions;
    private final PatchEmbed patchEmbed;
    private final List<Block> blocks = new ArrayList<>();

    /** A network of these sizes; holds no memory until it is loaded. */
    public DinoBackbone(DinoBackboneConfig config, double eps) {
        int width = config.embedDim();
        Initializer init = Initializer.normal(INITIAL_STD);
        classToken = weight("cls_token", init, 1, 1, width);
        positions = weight("pos_embed", init, 1, 1 + config.patches(), width);
        patchEmbed = child("patch_embed", PatchEmbed.named("proj", 3, width, config.patchSize()));
        for (int i = 0; i < config.depth(); i++) {
            blocks.add(child("blocks." + i, new Block(config, eps)));
        }
    }

    /**
     * Takes the weights of a file, with the biases of all keys set to zero: they add the same number to every score of a
     * query, which changes no attention. The final norm and the training head of the file are not used.
     *
     * @param weights owns the weights from now on
     * @throws IllegalArgumentException naming what is missing, unexpected or of another shape
     */
    public void loadFrozen(NDManager weights, StateDict file) {
        Map<String, TensorData> tensors = new LinkedHashMap<>(file.toMap());
        tensors.replaceAll((name, tensor) -> name.endsWith(QKV_BIAS) ? withoutKeys(tensor) : tensor);
        load(
                weights,
                StateDict.of(file.source(), tensors),
                name -> name.startsWith("norm.") || name.startsWith("head."));
    }

    private static TensorData withoutKeys(TensorData bias) {
        float[] values = bias.toFloats();
        int width = values.length / 3;
        Arrays.fill(values, width, 2 * width, 0);
        return TensorData.of(values, bias.shape());
    }

    /**
     * Features of images: the output of the last block, then those of the blocks in {@code keyDepths}, in increasing order.
     *
     * @param images {@code (B, 3, H, W)} in [-1, 1]; resized to 224 x 224, bilinear without antialias
     * @param keyDepths numbers of blocks, from 0
     * @return arrays {@code (B, E, T)} without the class token, one more than there are key depths
     */
    public List<NDArray> activations(NDArray images, List<Integer> keyDepths) {
        Shapes.require("images", images, Shapes.ANY, 3, Shapes.ANY, Shapes.ANY);
        try (TensorScope scope = TensorScope.under(images.getManager())) {
            NDArray x = embed(scope.borrow(images));
            List<NDArray> activations = new ArrayList<>();
            for (int i = 0; i < blocks.size(); i++) {
                NDArray next = blocks.get(i).forward(x);
                x.close();
                x = next;
                if (keyDepths.contains(i)) {
                    activations.add(scope.keep(patchChannels(x)));
                }
            }
            activations.add(0, scope.keep(patchChannels(x)));
            return activations;
        }
    }

    /** Images {@code (B, 3, H, W)} to tokens {@code (B, 1 + T, E)}. */
    private NDArray embed(NDArray images) {
        NDArray resized = ImageKernels.bilinear(images, IMAGE_SIZE, IMAGE_SIZE, false);
        NDArray patches = patchEmbed.forward(ImageKernels.standardize(resized, MEAN, STD)); // (B, T, E)
        return Kernels.insertRows(patches, classToken.get(), 0).add(positions.get());
    }

    /** Tokens {@code (B, 1 + T, E)} to {@code (B, E, T)}. */
    private static NDArray patchChannels(NDArray x) {
        NDIndex patches = new NDIndex().addAllDim().addSliceDim(1, x.getShape().get(1));
        return x.get(patches).transpose(0, 2, 1);
    }

    /** A pre-norm block with queries, keys and values in one projection. */
    private static final class Block extends Layer {
        private final int heads;
        private final LayerNorm norm1;
        private final Dense qkv;
        private final Dense proj;
        private final LayerNorm norm2;
        private final Dense fc1;
        private final Dense fc2;

        Block(DinoBackboneConfig config, double eps) {
            int width = config.embedDim();
            heads = config.numHeads();
            norm1 = child("norm1", LayerNorm.affine(width, eps));
            qkv = child("attn.qkv", Dense.of(width, 3 * width, true));
            proj = child("attn.proj", Dense.of(width, width, true));
            norm2 = child("norm2", LayerNorm.affine(width, eps));
            fc1 = child("mlp.fc1", Dense.of(width, config.mlpWidth(), true));
            fc2 = child("mlp.fc2", Dense.of(config.mlpWidth(), width, true));
        }

        /** Maps tokens {@code (B, N, E)} to the same shape. */
        NDArray forward(NDArray x) {
            var weights = new LayerKernels.AttentionWeights(
                    qkv.linear(), proj.linear(), LayerKernels.HeadNorm.NONE, null, null);
            try (TensorScope scope = TensorScope.under(x.getManager())) {
                NDArray h = scope.borrow(x);
                NDArray y = h.add(LayerKernels.selfAttention(norm1.forward(h), null, heads, weights, precision()));
                return scope.keep(
                        y.add(LayerKernels.geluMlp(norm2.forward(y), fc1.linear(), fc2.linear(), precision())));
            }
        }
    }
}
