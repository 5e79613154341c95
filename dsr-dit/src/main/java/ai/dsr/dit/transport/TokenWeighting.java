// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.types.DataType;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.config.Default;
import ai.dsr.core.kernel.Kernels;
import ai.dsr.core.tensor.Shapes;

/**
 * Weights of the loss by the norm of a latent token: the ablations that do not help against outlier tokens.
 *
 * <p>Either tokens of large norm are masked out, or each token gets the time shift that fits its norm: with {@code a} the
 * norm over the sample's median, times are distributed as if shifted by {@code a A} instead of {@code A}, by importance
 * weights {@code g(a A) / g(A)}. Weights are constants of the loss: no gradient flows through them.
 *
 * <p>With {@code logit_normal_scheduler} a time of exactly 0 or 1 makes the weight NaN if {@code eps} is below 3e-8,
 * because {@code 1 - eps} is 1 in float32.
 *
 * @param outlierTokenNorm {@code outlier_token_norm}: tokens of this norm or more do not count; 0 or less: all do
 * @param tokenNormShift {@code token_norm_shift}: whether to weight by norm
 * @param logitNormalScheduler {@code logit_normal_scheduler}: whether these weights assume standard logit-normal times;
 *     without {@code token_norm_shift} it does nothing
 * @param eps floor of divisors and margin of times, 1e-12
 */
public record TokenWeighting(
        @Default("-1") double outlierTokenNorm,
        @Default("false") boolean tokenNormShift,
        @Default("false") boolean logitNormalScheduler,
        @Default("1e-12") double eps) {

    /** Every token counts the same. */
    public static final TokenWeighting OFF = new TokenWeighting(-1, false, false, 1e-12);

    private static final double LOG_ROOT_2_PI = 0.5 * Math.log(2 * Math.PI);
    private static final double LEAST = 0.1;
    private static final double MOST = 2;

    public TokenWeighting {
        if (!(eps > 0)) {
            throw new IllegalArgumentException("eps: expected a number > 0, got " + eps);
        }
    }

    /** Whether there is any weighting. */
    public boolean isActive() {
        return outlierTokenNorm > 0 || tokenNormShift;
    }

    /**
     * Weights of mean 1.
     *
     * @param norm norms of the latent's tokens, {@code (B, 1, H, W)}
     * @param t the shifted times {@code (B)}
     * @param shift the time shift A of the transport
     * @return {@code (B, 1, H, W)}; all 0 if every token is masked
     */
    public NDArray weights(NDArray norm, NDArray t, double shift) {
        Shapes.require("token_norm", norm, t.size(), 1, Shapes.ANY, Shapes.ANY);
        NDArray weight = tokenNormShift ? shiftWeights(norm, PerSample.over(t, norm), shift) : norm.onesLike();
        if (outlierTokenNorm > 0) {
            NDArray kept = norm.gte(0).logicalAnd(norm.lt(outlierTokenNorm));
            weight = weight.mul(kept.toType(DataType.FLOAT32, false));
        }
        return weight.div(weight.mean().add((float) eps)).stopGradient();
    }

    /** Importance weights for norms {@code (B, 1, H, W)} and times {@code (B, 1, 1, 1)}. */
    private NDArray shiftWeights(NDArray norm, NDArray t, double shift) {
        long batch = norm.getShape().get(0);
        NDArray median = Kernels.lowerMedian(norm.reshape(batch, -1)).maximum(eps);
        NDArray ratio = norm.div(median.reshape(new Shape(batch, 1, 1, 1))).maximum(eps); // a
        NDArray target = ratio.mul(shift); // A a
        NDArray base = t.onesLike().mul(shift); // A
        NDArray weight = density(target, t).div(density(base, t));
        if (logitNormalScheduler) {
            NDArray inner = t.clip(eps, 1 - eps);
            NDArray gain = logDensity(unshift(target, inner)).sub(logDensity(unshift(base, inner)));
            weight = weight.mul(gain.clip(-10, 10).exp());
        }
        return weight.clip(LEAST, MOST);
    }

    /** Density at time t of a uniform time shifted by b: {@code b / (b - (b - 1) t)^2}. */
    private NDArray density(NDArray b, NDArray t) {
        return b.div(b.sub(b.sub(1).mul(t)).maximum(eps).square());
    }

    /** The time that a shift by b moves to t. */
    private NDArray unshift(NDArray b, NDArray t) {
        NDArray divisor = b.sub(b.sub(1).mul(t)).maximum(eps);
        return divisor.onesLike().mul(t).div(divisor).clip(eps, 1 - eps);
    }

    /** Log density of the standard logit-normal distribution at u. */
    private NDArray logDensity(NDArray u) {
        NDArray inner = u.clip(eps, 1 - eps);
        NDArray log = inner.log();
        NDArray logRest = inner.neg().add(1).log();
        NDArray logit = log.sub(logRest);
        return logit.square().mul(-0.5).sub(LOG_ROOT_2_PI).sub(log).sub(logRest);
    }
}
