// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.testkit.LeakCheck;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/** Resizes are linear: each must equal products with the tap matrices that {@link #taps} writes down in float64. */
@ExtendWith(LeakCheck.class)
final class ImageKernelsTest {
    @Test
    void resizesAreProductsWithTheirTapMatrices(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        int[][] sizes = {{4, 3}, {9, 11}, {3, 12}};
        for (int[] size : sizes) {
            for (boolean antialias : new boolean[] {false, true}) {
                NDArray rows = taps(manager, 6, size[0], 6.0 / size[0], true, antialias);
                NDArray columns = taps(manager, 7, size[1], 7.0 / size[1], true, antialias);
                check.agree(
                        in -> ImageKernels.bicubic(in.get(0), size[0], size[1], antialias),
                        in -> rows.matMul(in.get(0)).matMul(columns.transpose()),
                        check.input(2, 3, 6, 7));
                NDArray linearRows = taps(manager, 6, size[0], 6.0 / size[0], false, antialias);
                NDArray linearColumns = taps(manager, 7, size[1], 7.0 / size[1], false, antialias);
                check.agree(
                        in -> ImageKernels.bilinear(in.get(0), size[0], size[1], antialias),
                        in -> linearRows.matMul(in.get(0)).matMul(linearColumns.transpose()),
                        check.input(2, 3, 6, 7));
            }
        }
    }

    @Test
    void aSequenceIsSampledByItsScaleFactorAndNotByItsSizes(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        double scale = 1.45; // the ratio of the sizes is 1.4
        NDArray taps = taps(manager, 5, 7, 1 / scale, true, false);
        check.agree(
                in -> ImageKernels.cubicSequence(in.get(0), 7, scale),
                in -> taps.matMul(in.get(0)),
                check.input(2, 5, 3));
    }

    @Test
    void positionTablesKeepTheirPrefixAndResizeTheirGrid(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray table = check.input(1, 2 + 9, 4);
        for (boolean antialias : new boolean[] {false, true}) {
            check.agree(
                    in -> ImageKernels.resizePositions(manager.create(0f), in.get(0), 2, 3, 2, 5, antialias),
                    in -> {
                        NDArray image =
                                in.get(0).get(":, 2:").transpose(0, 2, 1).reshape(1, 4, 3, 3);
                        NDArray grid =
                                ImageKernels.bicubic(image, 2, 5, antialias).reshape(1, 4, 10);
                        return in.get(0).get(":, :2").concat(grid.transpose(0, 2, 1), 1);
                    },
                    table);
        }
    }

    @Test
    void patchesAreOneMatrixProductRowByRow(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        check.agree(
                in -> ImageKernels.patchEmbed(in.get(0), in.get(1), in.get(2)),
                in -> in.get(0)
                        .reshape(2, 3, 2, 2, 3, 2)
                        .transpose(0, 2, 4, 1, 3, 5)
                        .reshape(2, 6, 12)
                        .matMul(in.get(1).reshape(5, 12).transpose())
                        .add(in.get(2)),
                check.input(2, 3, 4, 6),
                check.input(5, 3, 2, 2),
                check.input(5));
        NDArray ragged = ImageKernels.patchEmbed(check.input(1, 3, 5, 7), check.input(5, 3, 2, 2), check.input(5));
        assertEquals(new Shape(1, 6, 5), ragged.getShape());
    }

    @Test
    void everyChannelHasItsOwnMeanAndDeviation(NDManager manager) {
        KernelCheck check = new KernelCheck(manager);
        NDArray mean = manager.create(new float[] {0.5f, -1}, new Shape(2, 1, 1));
        NDArray std = manager.create(new float[] {2, 0.25f}, new Shape(2, 1, 1));
        NDArray x = check.input(3, 2, 4, 5);
        check.agree(
                in -> ImageKernels.standardize(in.get(0), List.of(0.5, -1.0), List.of(2.0, 0.25)),
                in -> in.get(0).sub(mean).div(std),
                x);
        check.agree(
                in -> ImageKernels.unstandardize(in.get(0), List.of(0.5, -1.0), List.of(2.0, 0.25)),
                in -> in.get(0).mul(std).add(mean),
                x);
    }

    @Test
    void sizesThatAreNotPositiveAreRefused(NDManager manager) {
        NDArray x = manager.ones(new Shape(1, 1, 2, 2));
        IllegalArgumentException error =
                assertThrows(IllegalArgumentException.class, () -> ImageKernels.bicubic(x, 0, 4, false));
        assertEquals("resize: expected a positive size, got 0x4", error.getMessage());
        assertThrows(IllegalArgumentException.class, () -> ImageKernels.bilinear(x, 3, -1, true));
    }

    /** The matrix {@code (out, in)} of half-pixel resampling with {@code step} input samples for one output sample. */
    private static NDArray taps(NDManager manager, int in, int out, double step, boolean isCubic, boolean antialias) {
        double[] matrix = new double[out * in];
        double width = antialias ? Math.max(1, step) : 1;
        double a = antialias ? -0.5 : -0.75;
        double support = (isCubic ? 2 : 1) * width;
        for (int i = 0; i < out; i++) {
            double centre = (i + 0.5) * step;
            double sum = 0;
            for (int tap = (int) Math.floor(centre - support) - 1; tap <= centre + support + 1; tap++) {
                if (antialias && (tap < 0 || tap >= in)) {
                    continue;
                }
                double distance = Math.abs(tap + 0.5 - centre) / width;
                double weight = isCubic ? cubic(distance, a) : Math.max(0, 1 - distance);
                matrix[i * in + Math.max(0, Math.min(in - 1, tap))] += weight;
                sum += weight;
            }
            for (int j = 0; j < in; j++) {
                matrix[i * in + j] /= sum;
            }
        }
        float[] values = new float[matrix.length];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) matrix[i];
        }
        return manager.create(values, new Shape(out, in));
    }

    private static double cubic(double x, double a) {
        if (x < 1) {
            return ((a + 2) * x - (a + 3)) * x * x + 1;
        }
        return x < 2 ? ((a * x - 5 * a) * x + 8 * a) * x - 4 * a : 0;
    }
}
