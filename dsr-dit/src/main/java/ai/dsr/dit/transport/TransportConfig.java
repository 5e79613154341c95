// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.dsr.core.config.Default;

/**
 * Options of the path between data and noise, of the training loss and of the training times.
 *
 * <p>The margins keep times away from the ends where a coefficient is singular. On the Linear and GVP paths with velocity
 * or data prediction nothing is, so both are 0 there whatever is given. Otherwise {@code train_eps} is 1e-3 (Linear, GVP)
 * or 1e-5 (VP) and {@code sample_eps} 1e-3 unless given.
 *
 * @param pathType {@code path_type}: Linear, GVP or VP
 * @param prediction what the denoiser gives: velocity, noise, score or data
 * @param lossWeight {@code loss_weight}: weight of noise and score losses; null is none
 * @param timeDistType {@code time_dist_type}: {@code uniform} or {@code logit-normal_<mu>_<sigma>}
 * @param timeDistShift {@code time_dist_shift}: see {@link TimeShift#factor}; 1 is no shift
 * @param trainEps {@code train_eps}: margin of training times, or null
 * @param sampleEps {@code sample_eps}: margin of sampling times, or null
 * @param tEps {@code t_eps}: least divisor where data prediction is turned into a velocity
 * @param pathParams {@code path_params}: rates of the VP path, not used by the others; null is the standard ones
 */
public record TransportConfig(
        @Default("Linear") PathType pathType,
        @Default("velocity") Prediction prediction,
        @Default("null") LossWeight lossWeight,
        @Default("uniform") String timeDistType,
        @Default("1") double timeDistShift,
        @Default("null") Double trainEps,
        @Default("null") Double sampleEps,
        @Default("0.05") double tEps,
        @Default("null") PathParams pathParams) {

    // Deviation: the released code leaves an absent sample_eps unset and then fails when it samples.
    private static final double DEFAULT_SAMPLE_EPS = 1e-3;

    public TransportConfig {
        lossWeight = lossWeight == null ? LossWeight.NONE : lossWeight;
        pathParams = pathParams == null ? PathParams.STANDARD : pathParams;
        TimeDistribution.of(timeDistType);
        TimeShift.require(timeDistShift);
        requireMargin("train_eps", trainEps);
        requireMargin("sample_eps", sampleEps);
        if (!(tEps > 0)) {
            throw new IllegalArgumentException("t_eps: expected a number > 0, got " + tEps);
        }
    }

    /** A path and a prediction with all else at its default. */
    public static TransportConfig of(PathType pathType, Prediction prediction) {
        return new TransportConfig(pathType, prediction, null, "uniform", 1, null, null, 0.05, null);
    }

    /** The same with another distribution of training times. */
    public TransportConfig withTimeDistType(String type) {
        return new TransportConfig(
                pathType, prediction, lossWeight, type, timeDistShift, trainEps, sampleEps, tEps, pathParams);
    }

    /** The same with another time shift. */
    public TransportConfig withTimeDistShift(double shift) {
        return new TransportConfig(
                pathType, prediction, lossWeight, timeDistType, shift, trainEps, sampleEps, tEps, pathParams);
    }

    /** The margin in effect for a phase, by the rules above. */
    public double margin(Phase phase) {
        boolean regular = prediction == Prediction.VELOCITY || prediction == Prediction.DATA;
        if (pathType != PathType.VP && regular) {
            return 0;
        }
        if (phase == Phase.SAMPLING) {
            return sampleEps == null ? DEFAULT_SAMPLE_EPS : sampleEps;
        }
        double standard = pathType == PathType.VP ? 1e-5 : 1e-3;
        return trainEps == null ? standard : trainEps;
    }

    private static void requireMargin(String key, Double margin) {
        if (margin != null && !(margin >= 0 && margin < 0.5)) {
            throw new IllegalArgumentException(key + ": expected a number in [0, 0.5), got " + margin);
        }
    }
}
