// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDArrays;
import ai.djl.ndarray.NDList;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.CriticKernels.GroupNorm;
import ai.dsr.core.kernel.CriticKernels.RingConv;
import ai.dsr.testkit.LeakCheck;
import ai.dsr.testkit.TensorAssert;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

@ExtendWith(LeakCheck.class)
class CriticKernelsTest {
    private static final double EPS = 1e-3;
    private static final double SLOPE = 0.2;

    @Test
    void aBlockIsRingConvolutionThenGroupNormThenLeakyRelu(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        for (int groups : new int[] {4, 2}) {
            check.agree(
                    in -> CriticKernels.block(in.get(0), plain(in), norm(in, groups)),
                    in -> block(in, groups),
                    inputs(check, 3));
        }
    }

    @Test
    void aBlockMayDivideItsWeightBySigma(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray u = check.constant(4);
        NDArray v = check.constant(12);
        check.agree(
                in -> CriticKernels.block(in.get(0), new RingConv(in.get(1), in.get(2), u, v), norm(in, 2)),
                in -> {
                    NDArray sigma = in.get(1).reshape(4, 12).matMul(v).mul(u).sum();
                    return block(new NDList(in.get(0), in.get(1).div(sigma), in.get(2), in.get(3), in.get(4)), 2);
                },
                inputs(check, 3));
    }

    @Test
    void aResidualBlockKeepsTheVariance(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(
                in -> CriticKernels.residual(in.get(0), plain(in), norm(in, 4)),
                in -> Kernels.scale(block(in, 4).add(in.get(0)), Math.sqrt(0.5)),
                inputs(check, 5));
    }

    @Test
    void tokensLieOnARing(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray x = check.constant(2, 3, 6);
        RingConv conv = new RingConv(check.constant(1, 3, 5), check.constant(1), null, null);
        NDArray turned = CriticKernels.logits(turn(x, 2), conv);
        TensorAssert.assertClose(
                turn(CriticKernels.logits(x, conv).expandDims(1), 2).squeeze(1), turned, 1e-5, 1e-5);
        assertEquals(new Shape(2, 6), turned.getShape());
    }

    @Test
    void theSpectralNormIsNoConstantForTheGradient(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray u = check.constant(1);
        NDArray v = check.constant(12);
        check.agree(
                in -> CriticKernels.logits(in.get(0), new RingConv(in.get(1), in.get(2), u, v)),
                in -> {
                    NDArray sigma =
                            in.get(1).reshape(1, 12).matMul(v.reshape(12, 1)).mul(u);
                    return convolve(in.get(0), in.get(1).div(sigma.reshape(1, 1, 1)), in.get(2))
                            .squeeze(1);
                },
                check.input(2, 4, 5),
                check.input(1, 4, 3),
                check.input(1));
    }

    @Test
    void powerIterationsFindTheLargestSingularValue(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray u = check.constant(2);
        NDArray v = check.constant(4);
        NDArray w = manager.create(new float[] {3, 0, 0, 0, 0, 0, 0, 1}, new Shape(2, 2, 2)); // singular values 3, 1
        for (int i = 0; i < 20; i++) {
            CriticKernels.powerIterationInPlace(w, u, v);
        }
        TensorAssert.assertClose(manager.create(new float[] {1, 0}), u.abs(), 1e-6, 0);
        TensorAssert.assertClose(manager.create(new float[] {1, 0, 0, 0}), v.abs(), 1e-6, 0);
        NDArray zero = manager.zeros(new Shape(2, 2, 2));
        CriticKernels.powerIterationInPlace(zero, u, v); // a length of 0 counts as 1e-12
        assertEquals(0, u.abs().sum().getFloat() + v.abs().sum().getFloat());
    }

    @Test
    void aLaterPowerIterationLeavesRecordedGradientsAlone(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray x = check.constant(2, 4, 5);
        NDArray w = check.input(1, 4, 3);
        NDArray bias = check.constant(1);
        NDArray u = check.constant(1);
        NDArray v = check.constant(12);
        NDArray[] gradients = new NDArray[2];
        for (int i = 0; i < 2; i++) {
            try (Autograd tape = Autograd.record()) {
                NDArray y = CriticKernels.logits(x, new RingConv(w, bias, u, v));
                if (i == 1) {
                    CriticKernels.powerIterationInPlace(w, u, v);
                }
                gradients[i] = tape.gradients(y.square().sum(), new NDList(w)).get(0);
            }
        }
        TensorAssert.assertSame(gradients[0], gradients[1]);
    }

    @Test
    void distanceIsTheWeightedSquareBetweenUnitFeatures(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(
                in -> CriticKernels.perceptualDistance(in.get(0), in.get(1), in.get(2)),
                in -> {
                    NDArray d = unit(in.get(0)).sub(unit(in.get(1))).square().mul(in.get(2));
                    return d.sum(new int[] {1}).reshape(2, -1).mean(new int[] {1}, true);
                },
                check.input(2, 3, 4, 5),
                check.input(2, 3, 4, 5),
                check.input(1, 3, 1, 1));
    }

    @Test
    void pixelsWithoutFeaturesHaveNoGradient(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray blank = manager.zeros(new Shape(1, 3, 2, 2));
        blank.setRequiresGradient(true);
        NDArray other = check.constant(1, 3, 2, 2);
        try (Autograd tape = Autograd.record()) {
            NDArray features = ai.djl.nn.Activation.relu(blank);
            NDArray d = CriticKernels.perceptualDistance(features, other, manager.ones(new Shape(1, 3, 1, 1)));
            assertTrue(d.getFloat() > 0);
            NDArray gradient = tape.gradients(d, new NDList(blank)).get(0);
            TensorAssert.assertSame(gradient.zerosLike(), gradient);
        }
    }

    private static NDArray[] inputs(KernelCheck check, int kernel) {
        return new NDArray[] {
            check.input(2, 4, 6), check.input(4, 4, kernel), check.input(4), check.input(4), check.input(4)
        };
    }

    private static RingConv plain(NDList in) {
        return new RingConv(in.get(1), in.get(2), null, null);
    }

    private static GroupNorm norm(NDList in, int groups) {
        return new GroupNorm(in.get(3), in.get(4), groups, EPS);
    }

    private static NDArray block(NDList in, int groups) {
        NDArray y = convolve(in.get(0), in.get(1), in.get(2));
        NDArray grouped = y.reshape(2, groups, -1);
        NDArray centred = grouped.sub(grouped.mean(new int[] {2}, true));
        NDArray variance = centred.square().mean(new int[] {2}, true);
        NDArray normal = centred.div(variance.add(EPS).sqrt()).reshape(y.getShape());
        NDArray z = normal.mul(in.get(3).reshape(1, 4, 1)).add(in.get(4).reshape(1, 4, 1));
        NDArray positive = ai.djl.nn.Activation.relu(z);
        return positive.add(Kernels.scale(z.sub(positive), SLOPE));
    }

    /** Offset by offset: token t takes part of token t + i - k / 2, whatever side of the seam it lies on. */
    private static NDArray convolve(NDArray x, NDArray w, NDArray bias) {
        int k = (int) w.getShape().get(2);
        NDArray y = null;
        for (int i = 0; i < k; i++) {
            NDArray tap = w.get(new NDIndex().addAllDim().addAllDim().addIndices(i));
            NDArray part = tap.expandDims(0).matMul(turn(x, i - k / 2));
            y = y == null ? part : y.add(part);
        }
        return y.add(bias.reshape(1, -1, 1));
    }

    /** Token t of the result is token t + by. */
    private static NDArray turn(NDArray x, int by) {
        long n = x.getShape().get(2);
        long cut = Math.floorMod(by, n);
        if (cut == 0) {
            return x;
        }
        NDIndex front = new NDIndex().addAllDim().addAllDim().addSliceDim(cut, n);
        NDIndex back = new NDIndex().addAllDim().addAllDim().addSliceDim(0, cut);
        return NDArrays.concat(new NDList(x.get(front), x.get(back)), 2);
    }

    private static NDArray unit(NDArray x) {
        return x.div(x.square().sum(new int[] {1}, true).sqrt().add(1e-10));
    }
}
