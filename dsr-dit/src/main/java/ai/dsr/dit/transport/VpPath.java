// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;

/**
 * The variance-preserving diffusion (Song et al., 2021) with the linear schedule, in terms of {@code s = 1 - t}.
 *
 * <p>With {@code L = -s^2 (max - min) / 4 - s min / 2} the coefficients are {@code alpha = sqrt(1 - exp(2 L))} and {@code
 * sigma = exp(L)}: compared with the usual form they are exchanged, because s and not t is the diffusion's time.
 */
public record VpPath(double sigmaMin, double sigmaMax) implements ProbabilityPath {
    private NDArray logSigma(NDArray t) {
        NDArray s = remaining(t);
        return s.square().mul(-0.25 * range()).sub(s.mul(0.5 * sigmaMin));
    }

    private NDArray logSigmaSlope(NDArray t) {
        return remaining(t).mul(0.5 * range()).add(0.5 * sigmaMin);
    }

    private NDArray remaining(NDArray t) {
        return t.neg().add(1);
    }

    private double range() {
        return sigmaMax - sigmaMin;
    }

    private NDArray rate(NDArray t) {
        return remaining(t).mul(range()).add(sigmaMin);
    }

    @Override
    public NDArray alpha(NDArray t) {
        return logSigma(t).mul(2).exp().neg().add(1).sqrt();
    }

    @Override
    public NDArray alphaSlope(NDArray t) {
        NDArray squared = logSigma(t).mul(2).exp();
        return squared.mul(logSigmaSlope(t).mul(2)).div(alpha(t).mul(-2));
    }

    @Override
    public NDArray sigma(NDArray t) {
        return logSigma(t).exp();
    }

    @Override
    public NDArray sigmaSlope(NDArray t) {
        return sigma(t).mul(logSigmaSlope(t));
    }

    @Override
    public NDArray alphaLogSlope(NDArray t) {
        return alphaSlope(t).div(alpha(t));
    }

    @Override
    public NDArray driftRate(NDArray t) {
        return rate(t).mul(-0.5);
    }

    @Override
    public NDArray driftVariance(NDArray t) {
        return rate(t).mul(0.5);
    }
}
