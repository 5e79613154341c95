// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.index.NDIndex;
import ai.djl.ndarray.types.DataType;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.kernel.RegisterKernels;
import ai.dsr.core.tensor.Shapes;
import ai.dsr.core.tensor.TensorScope;

/**
 * Token norms of some layers and which of them stand out.
 *
 * @param norms Euclidean norms {@code (L, B, n)}
 * @param max largest norm of each image {@code (L, B)}
 * @param median mean of the two middle norms of each image {@code (L, B)}
 * @param medianLower the lower of the two {@code (L, B)}
 * @param ratio {@code max / median} {@code (L, B)}
 * @param meanMax mean of the largest norms over images {@code (L)}
 * @param layerMedian median over all images and tokens {@code (L)}
 * @param layerMax maximum over all images and tokens {@code (L)}
 * @param isOutlier booleans {@code (L, B, n)}
 * @param count outliers of each image {@code (L, B)} int64
 */
public record OutlierNorms(
        NDArray norms,
        NDArray max,
        NDArray median,
        NDArray medianLower,
        NDArray ratio,
        NDArray meanMax,
        NDArray layerMedian,
        NDArray layerMax,
        NDArray isOutlier,
        NDArray count) {

    private static final int TOKENS = 2;

    /**
     * Measures hidden states; results belong to their manager.
     *
     * @param hiddenStates {@code (L, B, N, D)}
     * @param prefix rows at the front to leave out, such as a class token
     * @param suffix rows at the end to leave out, such as registers
     * @throws IllegalArgumentException if no row is left
     */
    public static OutlierNorms of(NDArray hiddenStates, int prefix, int suffix, OutlierRule rule) {
        Shapes.require("hidden_states", hiddenStates, Shapes.ANY, Shapes.ANY, Shapes.ANY, Shapes.ANY);
        long rows = hiddenStates.getShape().get(TOKENS);
        if (prefix < 0 || suffix < 0 || prefix + suffix >= rows) {
            throw new IllegalArgumentException("rows: expected some of " + rows + " to remain, got a prefix of "
                    + prefix + " and a suffix of " + suffix);
        }
        try (TensorScope scope = TensorScope.under(hiddenStates.getManager())) {
            NDArray x = scope.borrow(hiddenStates)
                    .get(new NDIndex().addAllDim().addAllDim().addSliceDim(prefix, rows - suffix));
            NDArray norms = Kernels.norm(x, TOKENS + 1).squeeze(TOKENS + 1); // (L, B, n)
            NDArray max = norms.max(new int[] {TOKENS});
            NDArray median = RegisterKernels.median(norms);
            NDArray pooled = norms.reshape(norms.getShape().get(0), -1); // (L, B n)
            NDArray isOutlier = rule.exceeds(norms, median.expandDims(TOKENS));
            return new OutlierNorms(
                    scope.keep(norms),
                    scope.keep(max),
                    scope.keep(median),
                    scope.keep(Kernels.lowerMedian(norms).squeeze(TOKENS)),
                    scope.keep(max.div(median)),
                    scope.keep(max.mean(new int[] {1})),
                    scope.keep(RegisterKernels.median(pooled)),
                    scope.keep(pooled.max(new int[] {1})),
                    scope.keep(isOutlier),
                    scope.keep(isOutlier.toType(DataType.INT64, false).sum(new int[] {TOKENS})));
        }
    }

    /** Whether an image has an outlier, {@code (L, B)} uint8. */
    public NDArray flags() {
        return count.gt(0).toType(DataType.UINT8, false);
    }
}
