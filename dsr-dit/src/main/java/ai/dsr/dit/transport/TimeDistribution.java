// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;
import ai.djl.nn.Activation;
import ai.dsr.core.tensor.EngineArray;

/**
 * Turns uniform draws into training times, in float32 and without any shift.
 *
 * <p>Spelt {@code uniform} or {@code logit-normal_<mu>_<sigma>}, such as {@code logit-normal_0_1}.
 */
public sealed interface TimeDistribution {
    /**
     * Times in the interval, one for each draw.
     *
     * @param u {@code (B)} in [0, 1)
     */
    NDArray times(NDArray u, TimeInterval interval);

    /**
     * The distribution of a spelling.
     *
     * @throws IllegalArgumentException if it is neither of the two forms
     */
    static TimeDistribution of(String text) {
        String[] parts = text.split("_", -1);
        if (text.equals("uniform")) {
            return new Uniform();
        }
        if (parts.length == 3 && parts[0].equals("logit-normal")) {
            try {
                return new LogitNormal(Double.parseDouble(parts[1]), Double.parseDouble(parts[2]));
            } catch (NumberFormatException e) {
                throw refuse(text, e);
            }
        }
        throw refuse(text, null);
    }

    private static IllegalArgumentException refuse(String text, Exception cause) {
        return new IllegalArgumentException(
                "time_dist_type: expected uniform or logit-normal_<mu>_<sigma>, got " + text, cause);
    }

    /** Every time of the interval is equally likely. */
    record Uniform() implements TimeDistribution {
        @Override
        public NDArray times(NDArray u, TimeInterval interval) {
            return u.mul(interval.end() - interval.start()).add(interval.start());
        }
    }

    /** The logit of the time is normal (Esser et al., 2024), cut off at the ends of the interval. */
    record LogitNormal(double mu, double sigma) implements TimeDistribution {
        private static final double ROOT_2 = Math.sqrt(2);

        public LogitNormal {
            if (!(sigma > 0) || Double.isInfinite(sigma) || !Double.isFinite(mu)) {
                throw new IllegalArgumentException(
                        "time_dist_type: expected a finite mu and a sigma > 0, got " + mu + " and " + sigma);
            }
        }

        /** Inverts the distribution function, which it restricts to the interval; a draw of 0 gives its start. */
        @Override
        public NDArray times(NDArray u, TimeInterval interval) {
            float[] edges = cumulative(u, interval);
            NDArray quantile = u.mul(edges[1] - edges[0]).add(edges[0]);
            NDArray z = quantile.mul(2).sub(1).erfinv().mul(sigma * ROOT_2).add(mu);
            return Activation.sigmoid(z).clip(interval.start(), interval.end());
        }

        /** The distribution function at both ends; the logits of 0 and 1 are infinite, which is fine. */
        private float[] cumulative(NDArray u, TimeInterval interval) {
            NDArray ends = EngineArray.of(u.getManager(), (float) interval.start(), (float) interval.end());
            NDArray logits = ends.div(ends.neg().add(1)).log();
            return logits.sub(mu).div(sigma).div(ROOT_2).erf().add(1).mul(0.5).toFloatArray();
        }
    }
}
