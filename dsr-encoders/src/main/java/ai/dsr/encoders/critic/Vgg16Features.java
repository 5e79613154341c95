// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.kernel.ConvKernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * The convolutions of VGG-16 (Simonyan and Zisserman, 2015, configuration D): five stages of 3 x 3 convolutions with ReLU,
 * a 2 x 2 max pool between them.
 *
 * <p>Names are torchvision's, {@code features.0.weight} to {@code features.28.bias}, where ReLUs and pools are counted too.
 */
public final class Vgg16Features extends Layer {
    /** Shortest side of an image: what four pools make one pixel of. */
    public static final int MIN_SIDE = 16;

    /** Channels of a stage and how many convolutions it has. */
    private static final int[][] STAGES = {{64, 2}, {128, 2}, {256, 3}, {512, 3}, {512, 3}};

    private final List<List<Conv>> stages = new ArrayList<>();

    /** The network without weights; load it. */
    public Vgg16Features() {
        int in = 3;
        int index = 0;
        for (int[] sizes : STAGES) {
            List<Conv> stage = new ArrayList<>();
            for (int i = 0; i < sizes[1]; i++) {
                stage.add(child("features." + index, new Conv(in, sizes[0])));
                in = sizes[0];
                index += 2; // the convolution and its ReLU
            }
            stages.add(stage);
            index++; // the pool
        }
    }

    /** Channels of the five features. */
    public static int[] channels() {
        int[] channels = new int[STAGES.length];
        for (int i = 0; i < channels.length; i++) {
            channels[i] = STAGES[i][0];
        }
        return channels;
    }

    /**
     * The features of standardised images: relu1_2, relu2_2, relu3_3, relu4_3 and relu5_3.
     *
     * @param x {@code (B, 3, H, W)}, both sides at least {@link #MIN_SIDE}
     * @return five arrays, of 64, 128, 256, 512 and 512 channels, each half as high and wide as the one before, rounded down
     */
    public List<NDArray> forward(NDArray x) {
        Shapes.require("images", x, Shapes.ANY, 3, Shapes.ANY, Shapes.ANY);
        if (Math.min(x.getShape().get(2), x.getShape().get(3)) < MIN_SIDE) {
            throw new IllegalArgumentException(
                    "images: expected sides of at least " + MIN_SIDE + " pixels, got " + x.getShape());
        }
        List<NDArray> features = new ArrayList<>();
        NDArray y = x;
        for (List<Conv> stage : stages) {
            y = run(stage, y, !features.isEmpty());
            features.add(y);
        }
        return features;
    }

    /** Runs a stage and frees what it made on the way. */
    private static NDArray run(List<Conv> stage, NDArray x, boolean pools) {
        try (TensorScope scope = TensorScope.under(x.getManager())) {
            NDArray y = pools ? ConvKernels.maxPool2(scope.borrow(x)) : scope.borrow(x);
            for (Conv conv : stage) {
                NDArray next = conv.forward(y);
                y.close();
                y = next;
            }
            return scope.keep(y);
        }
    }

    private static final class Conv extends Layer {
        private final Weight weight;
        private final Weight bias;

        Conv(int in, int out) {
            Initializer init = Initializer.fanIn(9L * in);
            weight = weight("weight", init, out, in, 3, 3);
            bias = weight("bias", init, out);
        }

        /** Maps {@code (B, I, H, W)} to {@code (B, O, H, W)}. */
        NDArray forward(NDArray x) {
            return ConvKernels.conv3Relu(x, weight.get(), bias.get());
        }
    }
}
