// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.config.Default;
import java.util.List;

/**
 * Section {@code misc}.
 *
 * @param latentSize {@code [C, H, W]} of the latents
 * @param numClasses number of classes; 0 where captions are the condition
 * @param timeDistShiftDim numbers in a latent, for the time shift; absent: the product of {@code latent_size}
 * @param timeDistShiftBase the size at which there is no shift
 * @param nullLabel the label that stands for no class; absent: {@code num_classes}
 */
public record MiscConfig(
        List<Integer> latentSize,
        @Default("0") int numClasses,
        @Default("null") Integer timeDistShiftDim,
        @Default("4096") int timeDistShiftBase,
        @Default("null") Integer nullLabel) {

    /** Checks the sizes. */
    public MiscConfig {
        if (latentSize.size() != 3 || latentSize.stream().anyMatch(side -> side < 1)) {
            throw new IllegalArgumentException("latent_size: expected three positive numbers, got " + latentSize);
        }
        if (numClasses < 0) {
            throw new IllegalArgumentException("num_classes: expected 0 or more, got " + numClasses);
        }
        long dim = dimension(timeDistShiftDim, latentSize);
        if (timeDistShiftBase < 1 || timeDistShiftBase > dim) {
            throw new IllegalArgumentException("time_dist_shift_base: expected 1 to the numbers in a latent (" + dim
                    + "), got " + timeDistShiftBase + "; smaller latents need a smaller base");
        }
    }

    /** The factor {@code sqrt(dim / base)} of the time shift (Esser et al., 2024, section 5.3.2). */
    public double timeShift() {
        return Math.sqrt((double) dimension(timeDistShiftDim, latentSize) / timeDistShiftBase);
    }

    private static long dimension(Integer given, List<Integer> latentSize) {
        return given != null
                ? given
                : latentSize.stream().mapToLong(Integer::longValue).reduce(1, (a, b) -> a * b);
    }
}
