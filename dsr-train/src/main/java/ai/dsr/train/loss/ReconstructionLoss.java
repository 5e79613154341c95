// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.dsr.core.kernel.Kernels;

/**
 * L1 between images plus L1 between their gradients: the second term rewards edges, which a plain L1 blurs.
 *
 * @param gradientWeight weight of the gradient term; 0 leaves plain L1
 */
public record ReconstructionLoss(double gradientWeight) {
    /** Checks the weight. */
    public ReconstructionLoss {
        if (!(gradientWeight >= 0)) {
            throw new IllegalArgumentException("gradient_weight: expected 0 or more, got " + gradientWeight);
        }
    }

    /** The mean loss of images {@code (B, 3, H, W)} in [0, 1], a scalar. */
    public NDArray apply(NDArray reconstruction, NDArray images) {
        NDArray difference = reconstruction.sub(images);
        NDArray l1 = difference.abs().mean();
        if (gradientWeight == 0) {
            return l1;
        }
        NDArray vertical = step(difference, 2).abs().mean();
        NDArray horizontal = step(difference, 3).abs().mean();
        return l1.add(Kernels.scale(vertical.add(horizontal), gradientWeight));
    }

    /** Differences of neighbours along an axis; the gradient of a difference is the difference of the gradients. */
    private static NDArray step(NDArray x, int axis) {
        long size = x.getShape().get(axis);
        return slice(x, axis, 1, size).sub(slice(x, axis, 0, size - 1));
    }

    private static NDArray slice(NDArray x, int axis, long from, long to) {
        NDIndex index = new NDIndex();
        for (int i = 0; i < axis; i++) {
            index.addAllDim();
        }
        return x.get(index.addSliceDim(from, to));
    }
}
