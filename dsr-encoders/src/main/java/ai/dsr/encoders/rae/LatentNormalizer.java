// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.io.StateDict;
import ai.dsr.core.io.TensorData;
import ai.dsr.core.tensor.EngineArray;

/**
 * Latents of mean 0 and variance 1: {@code (z - mean) / sqrt(var + eps)}, and back.
 *
 * <p>Statistics have one value a channel and position {@code (C, H, W)}, one a channel {@code (C, 1, 1)}, or, for latents
 * in token layout, {@code (C)}. They belong to the manager given to the factory.
 */
public final class LatentNormalizer {
    /** What is added to the variance unless a configuration says otherwise. */
    public static final double DEFAULT_EPS = 1e-5;

    private static final String MEAN = "mean";
    private static final String VAR = "var";

    private final NDArray mean;
    private final NDArray std;

    private LatentNormalizer(NDArray mean, NDArray std) {
        this.mean = mean;
        this.std = std;
    }

    /** Changes nothing: for latents without statistics. */
    public static LatentNormalizer none() {
        return new LatentNormalizer(null, null);
    }

    /**
     * A normaliser from values on the host.
     *
     * @param weights owns the statistics
     * @param mean null for 0
     * @param var biased variance, null for 1; {@code eps} is added all the same
     * @param eps 0 or more
     */
    public static LatentNormalizer of(NDManager weights, TensorData mean, TensorData var, double eps) {
        if (!(eps >= 0)) {
            throw new IllegalArgumentException("eps: expected 0 or more, got " + eps);
        }
        if (mean == null && var == null) {
            return none();
        }
        float[] std = var == null ? new float[] {1} : var.toFloats();
        for (int i = 0; i < std.length; i++) {
            if (!(std[i] >= 0)) {
                throw new IllegalArgumentException("var: expected values of 0 or more, got " + std[i]);
            }
            std[i] = (float) Math.sqrt(std[i] + (float) eps);
        }
        return new LatentNormalizer(
                mean == null ? null : EngineArray.of(weights, mean.toFloats(), mean.toShape()),
                EngineArray.of(weights, std, var == null ? new Shape() : var.toShape()));
    }

    /**
     * A normaliser from a stored file with {@code mean}, {@code var} or both.
     *
     * @throws IllegalArgumentException if the file has neither
     */
    public static LatentNormalizer of(NDManager weights, StateDict state, double eps) {
        if (!state.has(MEAN) && !state.has(VAR)) {
            throw new IllegalArgumentException(state.source() + ": expected mean or var, got " + state.names()
                    + "; give a file of latent statistics");
        }
        TensorData mean = state.has(MEAN) ? state.get(MEAN) : null;
        TensorData var = state.has(VAR) ? state.get(VAR) : null;
        return of(weights, mean, var, eps);
    }

    /** Whether this changes nothing. */
    public boolean isNone() {
        return std == null;
    }

    /** {@code (z - mean) / sqrt(var + eps)} for {@code z (B, C, h, w)} or {@code (B, N, C)}. */
    public NDArray normalize(NDArray z) {
        if (isNone()) {
            return z;
        }
        requireFit(z);
        return (mean == null ? z : z.sub(mean)).div(std);
    }

    /** {@code z * sqrt(var + eps) + mean}, the inverse of {@link #normalize}. */
    public NDArray denormalize(NDArray z) {
        if (isNone()) {
            return z;
        }
        requireFit(z);
        NDArray scaled = z.mul(std);
        return mean == null ? scaled : scaled.add(mean);
    }

    private void requireFit(NDArray z) {
        requireFit(MEAN, mean, z.getShape());
        requireFit(VAR, std, z.getShape());
    }

    /** Plain broadcasting would accept a channel vector along the width, or stretch the latents. */
    private static void requireFit(String name, NDArray statistic, Shape z) {
        if (statistic == null || statistic.getShape().dimension() == 0) {
            return;
        }
        Shape s = statistic.getShape();
        int offset = z.dimension() - s.dimension();
        boolean isImage = z.dimension() == 4;
        boolean fits = offset >= 0 && (!isImage || offset <= 1);
        for (int axis = 0; fits && axis < s.dimension(); axis++) {
            boolean isBatch = axis + offset == 0;
            boolean isChannel = axis + offset == (isImage ? 1 : z.dimension() - 1);
            boolean isWhole = s.get(axis) == z.get(axis + offset) && !isBatch;
            fits = isWhole || (s.get(axis) == 1 && !isChannel);
        }
        if (!fits) {
            String expected = isImage
                    ? "(" + z.get(1) + ", " + z.get(2) + ", " + z.get(3) + ") or (" + z.get(1) + ", 1, 1)"
                    : "(" + z.get(z.dimension() - 1) + ")";
            throw new IllegalArgumentException(name + ": expected " + expected + " for latents " + z + ", got " + s
                    + "; check the statistics file");
        }
    }
}
