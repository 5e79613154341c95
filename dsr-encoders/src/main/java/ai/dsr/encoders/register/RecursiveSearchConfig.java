// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

/**
 * How often to search, and when to stop.
 *
 * @param search what each pass looks for
 * @param rounds passes at most, 1 or more
 * @param targetRate stops when no larger share of the patch tokens is an outlier; 0 to 1
 * @param plan registers, scales and fill of the plan to be found; its neurons are where the search starts from
 */
public record RecursiveSearchConfig(NeuronSearchConfig search, int rounds, double targetRate, RegisterPlan plan) {
    /** Checks the values. */
    public RecursiveSearchConfig {
        if (rounds < 1) {
            throw new IllegalArgumentException("rounds: expected 1 or more, got " + rounds);
        }
        if (!(targetRate >= 0 && targetRate <= 1)) {
            throw new IllegalArgumentException("target_rate: expected 0 to 1, got " + targetRate);
        }
    }
}
