// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loss;

import ai.dsr.core.config.Default;
import com.fasterxml.jackson.annotation.JsonProperty;

/**
 * Section {@code gan.loss}: which terms the decoder's loss has beside L1, and from when on. Starts are in epochs; fractions
 * are allowed.
 *
 * @param discLoss loss of the discriminator: {@code hinge} or {@code vanilla}
 * @param genLoss loss of the decoder against it: {@code vanilla}, the only kind
 * @param discWeight weight of that loss beside the adaptive one; 0: no discriminator
 * @param perceptualWeight weight of LPIPS; 0: none
 * @param discStart epoch from which on the decoder is trained against the discriminator
 * @param discUpdStart epoch from which on the discriminator trains; null: {@code disc_start}
 * @param lpipsStart epoch from which on LPIPS counts
 * @param maxDWeight largest adaptive weight
 * @param discUpdates updates of the discriminator after each of the decoder
 * @param perceptualPath ours: weights of the VGG16 that LPIPS looks through
 */
public record GanLossConfig(
        @Default("hinge") GanLoss discLoss,
        @Default("vanilla") Generator genLoss,
        @Default("0.75") double discWeight,
        @Default("1.0") double perceptualWeight,
        @Default("0.0") double discStart,
        @Default("null") Double discUpdStart,
        @Default("0.0") double lpipsStart,
        @JsonProperty("max_d_weight") @Default("10000.0") double maxDWeight,
        @Default("1") int discUpdates,
        @Default("null") String perceptualPath) {

    /** The decoder's loss against a discriminator. */
    public enum Generator {
        /** {@code -mean(logits)}. */
        VANILLA
    }

    /** Checks the ranges. */
    public GanLossConfig {
        notNegative("disc_weight", discWeight);
        notNegative("perceptual_weight", perceptualWeight);
        notNegative("disc_start", discStart);
        notNegative("disc_upd_start", discUpdStart == null ? 0 : discUpdStart);
        notNegative("lpips_start", lpipsStart);
        notNegative("max_d_weight", maxDWeight);
        if (discUpdates < 1) {
            throw new IllegalArgumentException("disc_updates: expected 1 or more, got " + discUpdates);
        }
    }

    private static void notNegative(String key, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(key + ": expected 0 or more, got " + value);
        }
    }

    /** Whether there is a discriminator at all. */
    public boolean hasDiscriminator() {
        return discWeight > 0;
    }

    /** Whether LPIPS counts at any time. */
    public boolean hasPerceptual() {
        return perceptualWeight > 0;
    }

    /** Whether LPIPS counts in a step, from 0. */
    public boolean usesPerceptual(long step, int stepsPerEpoch) {
        return hasPerceptual() && step >= lpipsStart * stepsPerEpoch;
    }

    /** Whether the decoder is trained against the discriminator in a step. */
    public boolean usesGan(long step, int stepsPerEpoch) {
        return hasDiscriminator() && step >= discStart * stepsPerEpoch;
    }

    /** Whether the discriminator trains after a step; it may before the decoder is trained against it. */
    public boolean trainsDiscriminator(long step, int stepsPerEpoch) {
        double start = discUpdStart == null ? discStart : discUpdStart;
        return hasDiscriminator() && step >= start * stepsPerEpoch;
    }
}
