// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.rae;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.kernel.Kernels;
import java.util.Arrays;

/**
 * The noise that makes a decoder robust to imperfect latents: {@code z + tau u n}, one strength u a sample.
 *
 * <p>Norm-scaled noise is stronger on tokens of large norm: n is multiplied by the token's norm over the median of the
 * sample, between 0.2 and 5.
 *
 * @param tau largest standard deviation, 0 or more
 * @param isNormScaled whether the noise follows the token norms
 */
public record LatentNoise(double tau, boolean isNormScaled) {
    private static final double MEDIAN_EPS = 1e-6;
    private static final float MIN_FACTOR = 0.2f;
    private static final float MAX_FACTOR = 5f;

    /** Checks the strength. */
    public LatentNoise {
        if (!(tau >= 0 && tau < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException("noise_tau: expected 0 or more, got " + tau);
        }
    }

    /**
     * Random numbers of one batch, drawn by the caller: first the strengths, then the noise.
     *
     * @param strength uniform in [0, 1), B values of any shape
     * @param noise standard normal, in the shape of the latents that the noise goes to
     */
    public record Draws(NDArray strength, NDArray noise) {}

    /**
     * Adds noise.
     *
     * @param z {@code (B, N, C)} or {@code (B, C, h, w)}
     * @param tokenNorm norms of the tokens, {@code (B, N, 1)} or {@code (B, 1, h, w)}; broadcast where its size is 1
     * @return the shape of {@code z}
     */
    public NDArray add(NDArray z, NDArray tokenNorm, Draws draws) {
        Shape shape = z.getShape();
        if (!draws.noise().getShape().equals(shape)) {
            throw new IllegalArgumentException(
                    "noise: expected " + shape + ", got " + draws.noise().getShape());
        }
        if (draws.strength().size() != shape.get(0)) {
            throw new IllegalArgumentException("noise strengths: expected " + shape.get(0) + " values, got "
                    + draws.strength().getShape());
        }
        NDArray sigma = Kernels.scale(draws.strength().reshape(perSample(shape)), tau);
        NDArray noise = draws.noise().mul(sigma);
        return z.add(isNormScaled ? noise.mul(factor(tokenNorm)) : noise);
    }

    private static NDArray factor(NDArray tokenNorm) {
        Shape shape = tokenNorm.getShape();
        NDArray median =
                Kernels.lowerMedian(tokenNorm.reshape(shape.get(0), -1)).reshape(perSample(shape));
        return tokenNorm.div(median.add(MEDIAN_EPS)).clip(MIN_FACTOR, MAX_FACTOR);
    }

    /** {@code (B, 1, ..., 1)} of as many axes. */
    private static Shape perSample(Shape shape) {
        long[] sides = new long[shape.dimension()];
        Arrays.fill(sides, 1);
        sides[0] = shape.get(0);
        return new Shape(sides);
    }
}
