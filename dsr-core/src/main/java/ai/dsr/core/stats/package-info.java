// SPDX-License-Identifier: Apache-2.0

/**
 * Statistics of feature vectors on the host, all in float64.
 *
 * <p>Read {@link ai.dsr.core.stats.RunningMoments} (mean and variance by column), {@link ai.dsr.core.stats.Covariance}
 * (mean and full covariance), {@link ai.dsr.core.stats.Gaussian} and {@link ai.dsr.core.stats.FrechetDistance}; then the
 * other measures between sets of features, which read {@link ai.dsr.core.stats.FeatureRows}: {@link
 * ai.dsr.core.stats.PrecisionRecall}, {@link ai.dsr.core.stats.KernelDistance}, {@link ai.dsr.core.stats.InceptionScore}. Input is
 * float32 or float64 rows {@code (N, L)} in row-major order; nothing is ever accumulated in float32,
 * but for distances that are asked for in it.
 *
 * <p>This is the only package that imports {@code org.nd4j}, for matrix products and symmetric eigenvalues on the host.
 * Its native libraries load, in a few seconds, with the first matrix, not with the first class; moments by column never
 * load them.
 */
package ai.dsr.core.stats;
