// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.dsr.core.config.Default;

/**
 * Noise rates of the VP path at its two ends; other paths have no parameters.
 *
 * @param sigmaMin rate at the noise end, 0.1
 * @param sigmaMax rate at the data end, 20
 */
public record PathParams(@Default("0.1") double sigmaMin, @Default("20") double sigmaMax) {
    /** The published rates. */
    public static final PathParams STANDARD = new PathParams(0.1, 20);

    public PathParams {
        if (!(sigmaMin >= 0) || !(sigmaMax > sigmaMin)) {
            throw new IllegalArgumentException(
                    "path_params: expected 0 <= sigma_min < sigma_max, got " + sigmaMin + " and " + sigmaMax);
        }
    }
}
