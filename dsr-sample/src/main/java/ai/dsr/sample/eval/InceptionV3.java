// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.kernel.ConvKernels;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import java.util.function.UnaryOperator;

/**
 * Inception-V3 (Szegedy et al., 2016) in the variant behind published FID, sFID and inception scores: the TensorFlow
 * weights of 2015-12-05 with 1008 classes, average pools that do not count padding, and a max pool in the last block.
 *
 * <p>Names are those of the converted weights ({@code pt_inception-2015-12-05}). Branches of a block are joined in the
 * order in which they are declared here.
 */
public final class InceptionV3 extends Layer {
    /** Side of the input. */
    public static final int INPUT_SIZE = 299;

    /** Channels of the last features. */
    public static final int POOL3 = 2048;

    /** Numbers in the spatial features: 17 x 17 positions of {@link #SPATIAL_CHANNELS} channels. */
    public static final int SPATIAL = 2023;

    /** Classes of the head. */
    public static final int CLASSES = 1008;

    private static final int SPATIAL_CHANNELS = 7;
    private static final double HALF_RANGE = 128;

    private final ConvBlock conv1a = child("Conv2d_1a_3x3", ConvBlock.valid(3, 32, 3, 2));
    private final ConvBlock conv2a = child("Conv2d_2a_3x3", ConvBlock.valid(32, 32, 3, 1));
    private final ConvBlock conv2b = child("Conv2d_2b_3x3", ConvBlock.same(32, 64, 3, 3));
    private final ConvBlock conv3b = child("Conv2d_3b_1x1", ConvBlock.valid(64, 80, 1, 1));
    private final ConvBlock conv4a = child("Conv2d_4a_3x3", ConvBlock.valid(80, 192, 3, 1));
    private final BlockA mixed5b = child("Mixed_5b", new BlockA(192, 32));
    private final BlockA mixed5c = child("Mixed_5c", new BlockA(256, 64));
    private final BlockA mixed5d = child("Mixed_5d", new BlockA(288, 64));
    private final BlockB mixed6a = child("Mixed_6a", new BlockB(288));
    private final BlockC mixed6b = child("Mixed_6b", new BlockC(128));
    private final BlockC mixed6c = child("Mixed_6c", new BlockC(160));
    private final BlockC mixed6d = child("Mixed_6d", new BlockC(160));
    private final BlockC mixed6e = child("Mixed_6e", new BlockC(192));
    private final BlockD mixed7a = child("Mixed_7a", new BlockD());
    private final BlockE mixed7b = child("Mixed_7b", new BlockE(1280, ConvKernels::averagePool3));
    private final BlockE mixed7c = child("Mixed_7c", new BlockE(2048, x -> ConvKernels.maxPool3(x, 1, 1)));
    private final Weight fcWeight = weight("fc.weight", Initializer.fanIn(POOL3), CLASSES, POOL3);
    private final Weight fcBias = weight("fc.bias", Initializer.zeros(), CLASSES);

    /**
     * What the network says about a batch.
     *
     * @param pool64 means of the first pool {@code (B, 64)}
     * @param pool192 means of the second pool {@code (B, 192)}
     * @param pool768 means after Mixed_6e {@code (B, 768)}
     * @param pool3 the features of FID {@code (B, 2048)}
     * @param spatial the features of sFID {@code (B, 2023)}: channels 0 to 6 of Mixed_6d.branch1x1, channel fastest
     * @param unbiasedLogits {@code (B, 1008)} without the bias, which the inception score is computed from
     * @param logits {@code (B, 1008)}
     */
    public record Output(
            NDArray pool64,
            NDArray pool192,
            NDArray pool768,
            NDArray pool3,
            NDArray spatial,
            NDArray unbiasedLogits,
            NDArray logits) {}

    /** A network with the weights of a state dict; counters of batches in it are ignored. */
    public static InceptionV3 of(StateDict state, NDManager weights) {
        InceptionV3 network = new InceptionV3();
        network.load(weights, state, name -> name.endsWith(".num_batches_tracked"));
        return network;
    }

    /** Maps bytes {@code (B, 3, H, W)} of any size to values 0..255 {@code (B, 3, 299, 299)}, as TensorFlow 1 resizes. */
    public static NDArray resize(NDArray images) {
        Shapes.require("images", images, Shapes.ANY, 3, Shapes.ANY, Shapes.ANY);
        return ConvKernels.legacyBilinear(images.toType(DataType.FLOAT32, false), INPUT_SIZE, INPUT_SIZE);
    }

    /** Runs the network on what {@link #resize} returns; results belong to the manager of {@code resized}. */
    public Output forward(NDArray resized) {
        Shapes.require("resized", resized, Shapes.ANY, 3, INPUT_SIZE, INPUT_SIZE);
        try (TensorScope scope = TensorScope.under(resized.getManager())) {
            NDArray x = scope.borrow(resized).sub(HALF_RANGE).div(HALF_RANGE);
            x = step(x, y -> ConvKernels.maxPool3(conv2b.forward(conv2a.forward(conv1a.forward(y))), 2, 0));
            NDArray pool64 = scope.keep(globalMean(x)); // (B, 64, 73, 73)
            x = step(x, y -> ConvKernels.maxPool3(conv4a.forward(conv3b.forward(y)), 2, 0));
            NDArray pool192 = scope.keep(globalMean(x)); // (B, 192, 35, 35)
            x = step(x, mixed5b::forward);
            x = step(x, mixed5c::forward);
            x = step(x, mixed5d::forward); // (B, 288, 35, 35)
            x = step(x, mixed6a::forward);
            x = step(x, mixed6b::forward);
            x = step(x, mixed6c::forward); // (B, 768, 17, 17)
            NDArray before = x;
            NDArray spatial = scope.keep(spatial(mixed6d.branch1x1.forward(before)));
            x = step(x, mixed6d::forward);
            x = step(x, mixed6e::forward);
            NDArray pool768 = scope.keep(globalMean(x));
            x = step(x, mixed7a::forward);
            x = step(x, mixed7b::forward);
            x = step(x, mixed7c::forward); // (B, 2048, 8, 8)
            NDArray pool3 = scope.keep(globalMean(x));
            NDArray unbiased = scope.keep(Kernels.linear(pool3, fcWeight.get(), null));
            NDArray logits = scope.keep(unbiased.add(fcBias.get()));
            return new Output(pool64, pool192, pool768, pool3, spatial, unbiased, logits);
        }
    }

    /** Runs a part of the network and frees what it made on the way. */
    private static NDArray step(NDArray x, UnaryOperator<NDArray> part) {
        try (TensorScope scope = TensorScope.under(x.getManager())) {
            return scope.keep(part.apply(scope.borrow(x)));
        }
    }

    private static NDArray globalMean(NDArray x) {
        return x.reshape(x.getShape().get(0), x.getShape().get(1), -1).mean(new int[] {2});
    }

    /** {@code (B, 192, 17, 17)} to {@code (B, 2023)}. */
    private static NDArray spatial(NDArray x) {
        NDArray channels = x.get(new NDIndex()
                .addAllDim()
                .addSliceDim(0, SPATIAL_CHANNELS)
                .addAllDim()
                .addAllDim());
        return channels.transpose(0, 2, 3, 1).reshape(x.getShape().get(0), SPATIAL);
    }

    private static NDArray join(NDArray... branches) {
        return NDArrays.concat(new NDList(branches), 1);
    }

    /** 35 x 35: four branches. */
    private static final class BlockA extends Layer {
        private final ConvBlock branch1x1;
        private final ConvBlock branch5x5a;
        private final ConvBlock branch5x5b;
        private final ConvBlock doubled1;
        private final ConvBlock doubled2;
        private final ConvBlock doubled3;
        private final ConvBlock pool;

        BlockA(int in, int poolFeatures) {
            branch1x1 = child("branch1x1", ConvBlock.valid(in, 64, 1, 1));
            branch5x5a = child("branch5x5_1", ConvBlock.valid(in, 48, 1, 1));
            branch5x5b = child("branch5x5_2", ConvBlock.same(48, 64, 5, 5));
            doubled1 = child("branch3x3dbl_1", ConvBlock.valid(in, 64, 1, 1));
            doubled2 = child("branch3x3dbl_2", ConvBlock.same(64, 96, 3, 3));
            doubled3 = child("branch3x3dbl_3", ConvBlock.same(96, 96, 3, 3));
            pool = child("branch_pool", ConvBlock.valid(in, poolFeatures, 1, 1));
        }

        NDArray forward(NDArray x) {
            return join(
                    branch1x1.forward(x),
                    branch5x5b.forward(branch5x5a.forward(x)),
                    doubled3.forward(doubled2.forward(doubled1.forward(x))),
                    pool.forward(ConvKernels.averagePool3(x)));
        }
    }

    /** 35 x 35 to 17 x 17. */
    private static final class BlockB extends Layer {
        private final ConvBlock branch3x3;
        private final ConvBlock doubled1;
        private final ConvBlock doubled2;
        private final ConvBlock doubled3;

        BlockB(int in) {
            branch3x3 = child("branch3x3", ConvBlock.valid(in, 384, 3, 2));
            doubled1 = child("branch3x3dbl_1", ConvBlock.valid(in, 64, 1, 1));
            doubled2 = child("branch3x3dbl_2", ConvBlock.same(64, 96, 3, 3));
            doubled3 = child("branch3x3dbl_3", ConvBlock.valid(96, 96, 3, 2));
        }

        NDArray forward(NDArray x) {
            return join(
                    branch3x3.forward(x),
                    doubled3.forward(doubled2.forward(doubled1.forward(x))),
                    ConvKernels.maxPool3(x, 2, 0));
        }
    }

    /** 17 x 17 with factored 7 x 7 kernels. */
    private static final class BlockC extends Layer {
        private final ConvBlock branch1x1;
        private final ConvBlock branch7x7a;
        private final ConvBlock branch7x7b;
        private final ConvBlock branch7x7c;
        private final ConvBlock[] doubled;
        private final ConvBlock pool;

        BlockC(int width) {
            branch1x1 = child("branch1x1", ConvBlock.valid(768, 192, 1, 1));
            branch7x7a = child("branch7x7_1", ConvBlock.valid(768, width, 1, 1));
            branch7x7b = child("branch7x7_2", ConvBlock.same(width, width, 1, 7));
            branch7x7c = child("branch7x7_3", ConvBlock.same(width, 192, 7, 1));
            doubled = new ConvBlock[] {
                child("branch7x7dbl_1", ConvBlock.valid(768, width, 1, 1)),
                child("branch7x7dbl_2", ConvBlock.same(width, width, 7, 1)),
                child("branch7x7dbl_3", ConvBlock.same(width, width, 1, 7)),
                child("branch7x7dbl_4", ConvBlock.same(width, width, 7, 1)),
                child("branch7x7dbl_5", ConvBlock.same(width, 192, 1, 7))
            };
            pool = child("branch_pool", ConvBlock.valid(768, 192, 1, 1));
        }

        NDArray forward(NDArray x) {
            NDArray d = x;
            for (ConvBlock block : doubled) {
                d = block.forward(d);
            }
            return join(
                    branch1x1.forward(x),
                    branch7x7c.forward(branch7x7b.forward(branch7x7a.forward(x))),
                    d,
                    pool.forward(ConvKernels.averagePool3(x)));
        }
    }

    /** 17 x 17 to 8 x 8. */
    private static final class BlockD extends Layer {
        private final ConvBlock branch3x3a;
        private final ConvBlock branch3x3b;
        private final ConvBlock[] branch7x7x3;

        BlockD() {
            branch3x3a = child("branch3x3_1", ConvBlock.valid(768, 192, 1, 1));
            branch3x3b = child("branch3x3_2", ConvBlock.valid(192, 320, 3, 2));
            branch7x7x3 = new ConvBlock[] {
                child("branch7x7x3_1", ConvBlock.valid(768, 192, 1, 1)),
                child("branch7x7x3_2", ConvBlock.same(192, 192, 1, 7)),
                child("branch7x7x3_3", ConvBlock.same(192, 192, 7, 1)),
                child("branch7x7x3_4", ConvBlock.valid(192, 192, 3, 2))
            };
        }

        NDArray forward(NDArray x) {
            NDArray s = x;
            for (ConvBlock block : branch7x7x3) {
                s = block.forward(s);
            }
            return join(branch3x3b.forward(branch3x3a.forward(x)), s, ConvKernels.maxPool3(x, 2, 0));
        }
    }

    /** 8 x 8 with branches that split in two. */
    private static final class BlockE extends Layer {
        private final UnaryOperator<NDArray> pooling;
        private final ConvBlock branch1x1;
        private final ConvBlock branch3x3;
        private final ConvBlock branch3x3a;
        private final ConvBlock branch3x3b;
        private final ConvBlock doubled1;
        private final ConvBlock doubled2;
        private final ConvBlock doubled3a;
        private final ConvBlock doubled3b;
        private final ConvBlock pool;

        BlockE(int in, UnaryOperator<NDArray> pooling) {
            this.pooling = pooling;
            branch1x1 = child("branch1x1", ConvBlock.valid(in, 320, 1, 1));
            branch3x3 = child("branch3x3_1", ConvBlock.valid(in, 384, 1, 1));
            branch3x3a = child("branch3x3_2a", ConvBlock.same(384, 384, 1, 3));
            branch3x3b = child("branch3x3_2b", ConvBlock.same(384, 384, 3, 1));
            doubled1 = child("branch3x3dbl_1", ConvBlock.valid(in, 448, 1, 1));
            doubled2 = child("branch3x3dbl_2", ConvBlock.same(448, 384, 3, 3));
            doubled3a = child("branch3x3dbl_3a", ConvBlock.same(384, 384, 1, 3));
            doubled3b = child("branch3x3dbl_3b", ConvBlock.same(384, 384, 3, 1));
            pool = child("branch_pool", ConvBlock.valid(in, 192, 1, 1));
        }

        NDArray forward(NDArray x) {
            NDArray s = branch3x3.forward(x);
            NDArray d = doubled2.forward(doubled1.forward(x));
            return join(
                    branch1x1.forward(x),
                    branch3x3a.forward(s),
                    branch3x3b.forward(s),
                    doubled3a.forward(d),
                    doubled3b.forward(d),
                    pool.forward(pooling.apply(x)));
        }
    }
}
