// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * When a token is an outlier: its norm is strictly above a number, or above a multiple of the median of its image.
 *
 * <p>A number fits one model and layer; a multiple of the median carries over to others.
 *
 * @param threshold the number, or null
 * @param ratio the multiple, or null; exactly one of the two is given
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record OutlierRule(Double threshold, Double ratio) {
    /** Checks that there is one number, 0 or more. */
    public OutlierRule {
        if ((threshold == null) == (ratio == null)) {
            throw new IllegalArgumentException(
                    "threshold: expected either it or ratio, got " + threshold + " and " + ratio);
        }
        double given = threshold == null ? ratio : threshold;
        if (!(given >= 0)) {
            throw new IllegalArgumentException(
                    (threshold == null ? "ratio" : "threshold") + ": expected 0 or more, got " + given);
        }
    }

    /** Norms above a number. */
    public static OutlierRule above(double threshold) {
        return new OutlierRule(threshold, null);
    }

    /** Norms above a multiple of the median. */
    public static OutlierRule timesMedian(double ratio) {
        return new OutlierRule(null, ratio);
    }

    /**
     * Which norms are above.
     *
     * @param norms {@code (..., n)}
     * @param median {@code (..., 1)}, used by a multiple only
     * @return booleans {@code (..., n)}
     */
    NDArray exceeds(NDArray norms, NDArray median) {
        return threshold == null ? norms.gt(median.mul(ratio.floatValue())) : norms.gt(threshold.floatValue());
    }

    @Override
    public String toString() {
        return threshold == null ? "norm > " + ratio + " x median" : "norm > " + threshold;
    }
}
