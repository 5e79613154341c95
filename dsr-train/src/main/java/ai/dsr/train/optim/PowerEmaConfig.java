// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.config.Default;
import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.List;

/**
 * Section {@code training.power_ema}: averages with a power-function profile, stored now and then, from which an average
 * of any length can be made after training (Karras et al., 2024, "Analyzing and Improving the Training Dynamics of
 * Diffusion Models", section 3).
 *
 * @param lengths relative widths of the profiles that are tracked, in (0, {@value PowerProfile#MAX_LENGTH}); two as in
 *     the paper reach everything between and somewhat beyond
 * @param snapshotSteps optimiser steps between snapshots
 * @param halfPrecision whether snapshots are stored as float16, as in the paper, or as float32
 */
public record PowerEmaConfig(
        @Default("[0.05, 0.1]") @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY)
                List<Double> lengths,
        int snapshotSteps,
        @Default("false") boolean halfPrecision) {

    /** Checks the values. */
    public PowerEmaConfig {
        if (lengths.isEmpty() || lengths.stream().distinct().count() < lengths.size()) {
            throw new IllegalArgumentException("lengths: expected different widths, got " + lengths);
        }
        lengths.forEach(PowerProfile::ofLength);
        if (snapshotSteps < 1) {
            throw new IllegalArgumentException("snapshot_steps: expected 1 or more, got " + snapshotSteps);
        }
    }
}
