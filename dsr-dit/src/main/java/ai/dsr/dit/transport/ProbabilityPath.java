// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;

/**
 * An interpolation {@code x_t = alpha(t) x1 + sigma(t) x0} from data {@code x1} at t = 0 to noise {@code x0} at t = 1.
 *
 * <p>Coefficients are functions of times {@code (B)} float32 and have their shape; the methods that take a state
 * {@code x (B, ...)} broadcast them over its further axes. The form is that of stochastic interpolants (Albergo et al.,
 * 2023) as used by SiT (Ma et al., 2024), with time running the other way.
 */
public sealed interface ProbabilityPath permits LinearPath, GvpPath, VpPath {

    /** The path of a type; {@code params} counts for VP alone. */
    static ProbabilityPath of(PathType type, PathParams params) {
        return switch (type) {
            case LINEAR -> new LinearPath();
            case GVP -> new GvpPath();
            case VP -> new VpPath(params.sigmaMin(), params.sigmaMax());
        };
    }

    /** Weight of the data at {@code t (B)}. */
    NDArray alpha(NDArray t);

    /** Derivative of {@link #alpha} at {@code t (B)}. */
    NDArray alphaSlope(NDArray t);

    /** Weight of the noise at {@code t (B)}. */
    NDArray sigma(NDArray t);

    /** Derivative of {@link #sigma} at {@code t (B)}. */
    NDArray sigmaSlope(NDArray t);

    /** {@code alpha' / alpha} at {@code t (B)}; infinite where no data is left. */
    NDArray alphaLogSlope(NDArray t);

    /** The factor of x in the drift of the forward process, at {@code t (B)}. */
    default NDArray driftRate(NDArray t) {
        return alphaLogSlope(t).neg();
    }

    /**
     * Half the squared diffusion of the forward process, at {@code t (B)}.
     *
     * <p>Negative on the Linear and GVP paths, because their time runs from data to noise while the formula does not.
     */
    default NDArray driftVariance(NDArray t) {
        NDArray sigma = sigma(t);
        return alphaLogSlope(t).mul(sigma.square()).sub(sigma.mul(sigmaSlope(t)));
    }

    /** {@code x_t} for {@code x1, x0 (B, ...)} and {@code t (B)}. */
    default NDArray interpolate(NDArray x1, NDArray x0, NDArray t) {
        return x1.mul(PerSample.over(alpha(t), x1)).add(x0.mul(PerSample.over(sigma(t), x0)));
    }

    /** {@code u_t = alpha' x1 + sigma' x0} for {@code x1, x0 (B, ...)} and {@code t (B)}. */
    default NDArray velocity(NDArray x1, NDArray x0, NDArray t) {
        return x1.mul(PerSample.over(alphaSlope(t), x1)).add(x0.mul(PerSample.over(sigmaSlope(t), x0)));
    }

    /** Drift of the forward process at {@code x (B, ...)}, {@code t (B)}. */
    default NDArray driftMean(NDArray x, NDArray t) {
        return x.mul(PerSample.over(driftRate(t), x));
    }

    /** The score that a velocity {@code (B, ...)} at {@code x (B, ...)}, {@code t (B)} amounts to. */
    default NDArray scoreFromVelocity(NDArray velocity, NDArray x, NDArray t) {
        NDArray q = alpha(t).div(alphaSlope(t));
        NDArray sigma = sigma(t);
        NDArray divisor = sigma.square().sub(q.mul(sigmaSlope(t)).mul(sigma));
        return velocity.mul(PerSample.over(q, x)).sub(x).div(PerSample.over(divisor, x));
    }

    /** The noise that a velocity {@code (B, ...)} at {@code x (B, ...)}, {@code t (B)} amounts to. */
    default NDArray noiseFromVelocity(NDArray velocity, NDArray x, NDArray t) {
        NDArray q = alpha(t).div(alphaSlope(t));
        NDArray divisor = q.mul(sigmaSlope(t)).sub(sigma(t));
        return velocity.mul(PerSample.over(q, x)).sub(x).div(PerSample.over(divisor, x));
    }

    /** The data that a velocity {@code (B, ...)} at {@code x (B, ...)}, {@code t (B)} amounts to. */
    default NDArray dataFromVelocity(NDArray velocity, NDArray x, NDArray t) {
        NDArray sigma = sigma(t);
        NDArray slope = sigmaSlope(t);
        NDArray divisor = slope.mul(alpha(t)).sub(alphaSlope(t).mul(sigma));
        return x.mul(PerSample.over(slope, x))
                .sub(velocity.mul(PerSample.over(sigma, x)))
                .div(PerSample.over(divisor, x));
    }

    /** The velocity that a score {@code (B, ...)} at {@code x (B, ...)}, {@code t (B)} amounts to. */
    default NDArray velocityFromScore(NDArray score, NDArray x, NDArray t) {
        return score.mul(PerSample.over(driftVariance(t), x)).sub(driftMean(x, t));
    }
}
