// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;
import ai.dsr.core.tensor.Shapes;

/**
 * Everything that follows from a {@link TransportConfig}: training times and losses, sampling intervals, and what the
 * output of a denoiser means for the state.
 *
 * <p>Nothing here draws: noise {@code x0}, uniform draws and times are arguments. Results belong to the manager of the
 * model output or the state, and gradients flow through the model output alone.
 */
public final class Transport {
    /** Velocity prediction leaves out the last thousandth before the noise. */
    private static final double LAST = 1 - 1.0 / 1000;

    private final TransportConfig config;
    private final ProbabilityPath path;
    private final TimeDistribution times;

    /** The transport of a configuration. */
    public Transport(TransportConfig config) {
        this.config = config;
        path = ProbabilityPath.of(config.pathType(), config.pathParams());
        times = TimeDistribution.of(config.timeDistType());
    }

    /** The options. */
    public TransportConfig config() {
        return config;
    }

    /** The path between data and noise. */
    public ProbabilityPath path() {
        return path;
    }

    /** The interval of an ODE, and, for {@link Phase#TRAINING}, of training times. */
    public TimeInterval odeInterval(Phase phase) {
        double eps = config.margin(phase);
        if (config.pathType() == PathType.VP) {
            return new TimeInterval(0, 1 - eps);
        }
        boolean isVelocity = config.prediction() == Prediction.VELOCITY;
        return isVelocity ? new TimeInterval(0, LAST) : new TimeInterval(eps, 1 - eps);
    }

    /**
     * The interval of an SDE.
     *
     * @param lastStepSize length of the last step, which the interval leaves out at its end; 0 for none
     */
    public TimeInterval sdeInterval(Phase phase, DiffusionForm form, double lastStepSize) {
        double eps = config.margin(phase);
        double end = lastStepSize == 0 ? 1 - eps : 1 - lastStepSize;
        boolean isVelocity = config.prediction() == Prediction.VELOCITY;
        boolean isRegular = config.pathType() == PathType.VP || (isVelocity && form != DiffusionForm.SBDM);
        return new TimeInterval(isRegular ? 0 : eps, end);
    }

    /**
     * Training times: distributed as configured over the training interval, then shifted.
     *
     * @param u uniform draws in [0, 1), {@code (B)}
     * @return {@code (B)}
     */
    public NDArray trainTimes(NDArray u) {
        return TimeShift.apply(times.times(u, odeInterval(Phase.TRAINING)), config.timeDistShift());
    }

    /** State and velocity at {@code t (B)} between data {@code x1} and noise {@code x0}, both {@code (B, C, H, W)}. */
    public PathSample sample(NDArray x1, NDArray x0, NDArray t) {
        return new PathSample(path.interpolate(x1, x0, t), path.velocity(x1, x0, t));
    }

    /** The training loss with all tokens alike; see {@link #loss(NDArray, NDArray, NDArray, NDArray, Tokens)}. */
    public TransportLoss loss(NDArray output, NDArray x1, NDArray x0, NDArray t) {
        NDArray elements = elements(output, x1, x0, t);
        NDArray samples = PerSample.mean(elements);
        return new TransportLoss(elements, samples, samples.mean(), null);
    }

    /**
     * The training loss.
     *
     * @param output what the denoiser gave for {@code x_t}, {@code (B, C, H, W)}
     * @param x1 data, {@code (B, C, H, W)}
     * @param x0 noise, {@code (B, C, H, W)}
     * @param t shifted times, {@code (B)}
     * @param tokens norms of the latent's tokens and what to do with them
     */
    public TransportLoss loss(NDArray output, NDArray x1, NDArray x0, NDArray t, Tokens tokens) {
        if (!tokens.weighting().isActive()) {
            return loss(output, x1, x0, t);
        }
        NDArray elements = elements(output, x1, x0, t);
        NDArray weight = tokens.weighting().weights(tokens.norm(), t, config.timeDistShift());
        NDArray total = PerSample.mean(elements.mul(weight)).mean();
        return new TransportLoss(elements, PerSample.mean(elements), total, weight);
    }

    /**
     * Norms of a latent's tokens, and their use in the loss.
     *
     * @param norm {@code (B, 1, H, W)}; null if the weighting is off
     */
    public record Tokens(NDArray norm, TokenWeighting weighting) {}

    private NDArray elements(NDArray output, NDArray x1, NDArray x0, NDArray t) {
        Shapes.require("x1", x1, output.getShape().getShape());
        Shapes.require("x0", x0, output.getShape().getShape());
        return switch (config.prediction()) {
            case VELOCITY -> output.sub(path.velocity(x1, x0, t)).square();
            case DATA -> {
                PathSample at = sample(x1, x0, t);
                yield velocityOfData(output, at.x(), t).sub(at.velocity()).square();
            }
            case NOISE -> weighted(output.sub(x0).square(), t);
            case SCORE ->
                weighted(
                        output.mul(PerSample.over(path.sigma(t), output))
                                .add(x0)
                                .square(),
                        t);
        };
    }

    private NDArray weighted(NDArray squares, NDArray t) {
        NDArray sigma = path.sigma(t);
        return switch (config.lossWeight()) {
            case NONE -> squares;
            case VELOCITY ->
                squares.mul(PerSample.over(path.driftVariance(t).div(sigma).square(), squares));
            case LIKELIHOOD -> squares.mul(PerSample.over(path.driftVariance(t).div(sigma.square()), squares));
        };
    }

    /** {@code (x - data) / max(t, t_eps)}: exact on the Linear path, and used as it is on the others. */
    private NDArray velocityOfData(NDArray output, NDArray x, NDArray t) {
        return x.sub(output).div(PerSample.over(t.maximum(config.tEps()), x));
    }

    /** The drift {@code dx/dt} that a denoiser's output at {@code x (B, C, H, W)}, {@code t (B)} amounts to. */
    public NDArray drift(NDArray output, NDArray x, NDArray t) {
        return switch (config.prediction()) {
            case VELOCITY -> output;
            case DATA -> velocityOfData(output, x, t);
            case NOISE, SCORE -> path.velocityFromScore(score(output, x, t), x, t);
        };
    }

    /** The data that a denoiser's output at {@code x (B, C, H, W)}, {@code t (B)} amounts to; infinite without any data. */
    public NDArray data(NDArray output, NDArray x, NDArray t) {
        return switch (config.prediction()) {
            case VELOCITY -> path.dataFromVelocity(output, x, t);
            case DATA -> output;
            case NOISE -> x.sub(output.mul(PerSample.over(path.sigma(t), x))).div(PerSample.over(path.alpha(t), x));
            case SCORE ->
                x.add(output.mul(PerSample.over(path.sigma(t).square(), x))).div(PerSample.over(path.alpha(t), x));
        };
    }

    /** The score that a denoiser's output at {@code x (B, C, H, W)}, {@code t (B)} amounts to. */
    public NDArray score(NDArray output, NDArray x, NDArray t) {
        return switch (config.prediction()) {
            case VELOCITY -> path.scoreFromVelocity(output, x, t);
            case SCORE -> output;
            case NOISE -> output.neg().div(PerSample.over(path.sigma(t), output));
            case DATA ->
                output.mul(PerSample.over(path.alpha(t), output))
                        .sub(x)
                        .div(PerSample.over(path.sigma(t).square(), output));
        };
    }
}
