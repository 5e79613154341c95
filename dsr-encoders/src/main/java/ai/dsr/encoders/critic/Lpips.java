// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.critic;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.kernel.CriticKernels;
import ai.dsr.core.kernel.ImageKernels;
import ai.dsr.core.nn.Initializer;
import ai.dsr.core.nn.Layer;
import ai.dsr.core.nn.Weight;
import ai.dsr.core.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/**
 * Learned perceptual distance between images, LPIPS version 0.1 on VGG-16 (Zhang et al., 2018).
 *
 * <p>0 for equal images, larger the more different they look; symmetric. The learned heads come with the library. The
 * network does not: its file is torchvision's {@code vgg16-397923af.pth}, or any state dict with the same names.
 *
 * <pre>{@code
 * Lpips lpips = Lpips.of(WeightFile.read(Path.of("vgg16-397923af.pth")), weights);
 * NDArray distance = lpips.forward(images, reconstructions).mean();
 * }</pre>
 */
public final class Lpips {
    /** Mean and deviation of pixels in [-1, 1], ImageNet's as the metric rounds them. */
    private static final List<Double> SHIFT = List.of(-0.030, -0.088, -0.188);

    private static final List<Double> SCALE = List.of(0.458, 0.448, 0.450);

    private final Vgg16Features vgg = new Vgg16Features();
    private final Heads heads = new Heads();

    private Lpips() {}

    /**
     * The metric with the published heads.
     *
     * @param vgg the network under torchvision's names; its classifier is not needed
     * @param weights owns all weights from now on
     * @throws IllegalArgumentException naming what is missing, unexpected or of another shape
     */
    public static Lpips of(StateDict vgg, NDManager weights) {
        return of(vgg, LpipsHeads.published(), weights);
    }

    /** The metric with other heads, {@code lin0.model.1.weight (1, 64, 1, 1)} to {@code lin4.model.1.weight}. */
    public static Lpips of(StateDict vgg, StateDict heads, NDManager weights) {
        Lpips lpips = new Lpips();
        lpips.vgg.load(weights, vgg, name -> name.startsWith("classifier."));
        lpips.heads.load(weights, heads);
        return lpips;
    }

    /**
     * The distance of each pair of images.
     *
     * @param a {@code (B, 3, H, W)} in [-1, 1], sides of at least {@link Vgg16Features#MIN_SIDE}
     * @param b the same shape
     * @return {@code (B)}, the sum over {@link #layers}
     */
    public NDArray forward(NDArray a, NDArray b) {
        try (TensorScope scope = TensorScope.under(a.getManager())) {
            return scope.keep(layers(scope.borrow(a), b).sum(new int[] {1}));
        }
    }

    /** What each of the five layers adds to the distance of each pair: {@code (B, 5)}. */
    public NDArray layers(NDArray a, NDArray b) {
        if (!a.getShape().equals(b.getShape())) {
            throw new IllegalArgumentException(
                    "images: expected two of the same shape, got " + a.getShape() + " and " + b.getShape());
        }
        try (TensorScope scope = TensorScope.under(a.getManager())) {
            List<NDArray> ofA = features(scope.borrow(a));
            List<NDArray> ofB = features(scope.borrow(b));
            NDList terms = new NDList();
            for (int i = 0; i < ofA.size(); i++) {
                terms.add(CriticKernels.perceptualDistance(
                        ofA.get(i), ofB.get(i), heads.list.get(i).get()));
            }
            return scope.keep(NDArrays.concat(terms, 1));
        }
    }

    /** The five features of images {@code (B, 3, H, W)} in [-1, 1] that are compared: see {@link Vgg16Features#forward}. */
    public List<NDArray> features(NDArray images) {
        return vgg.forward(ImageKernels.standardize(images, SHIFT, SCALE));
    }

    private static final class Heads extends Layer {
        private final List<Weight> list = new ArrayList<>();

        Heads() {
            for (int channels : Vgg16Features.channels()) {
                list.add(weight(LpipsHeads.name(list.size()), Initializer.ones(), 1, channels, 1, 1));
            }
        }
    }
}
