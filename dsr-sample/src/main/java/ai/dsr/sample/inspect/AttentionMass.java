// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * Where the patches of a layer look: shares of their attention, averaged over patches, heads and images; they add up to 1.
 *
 * @param outliers to patches that are outliers in the layer's input
 * @param registers to registers: trained, added at test time, or those of a denoiser
 * @param classToken to the class token
 * @param sinks to learned keys that belong to no token
 * @param patches to the other patches
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record AttentionMass(double outliers, double registers, double classToken, double sinks, double patches) {
    /** Nothing yet, to add to. */
    static final AttentionMass ZERO = new AttentionMass(0, 0, 0, 0, 0);

    /**
     * Adds up the shares of keys that stand in the order of the parameters; keys behind the patches are registers too.
     *
     * @param share of each key
     * @param isOutlier of each patch
     */
    static AttentionMass of(float[] share, int sinks, int classTokens, int registers, boolean[] isOutlier) {
        int[] ends = {sinks, sinks + classTokens, sinks + classTokens + registers};
        double[] sums = new double[5]; // sinks, class token, registers, patches, outliers
        for (int key = 0; key < share.length; key++) {
            int patch = key - ends[2];
            boolean isPatch = patch >= 0 && patch < isOutlier.length;
            int kind = isPatch ? isOutlier[patch] ? 4 : 3 : key < ends[0] ? 0 : key < ends[1] ? 1 : 2;
            sums[kind] += share[key];
        }
        return new AttentionMass(sums[4], sums[2], sums[1], sums[0], sums[3]);
    }

    /** The sum of two. */
    AttentionMass plus(AttentionMass other) {
        return new AttentionMass(
                outliers + other.outliers,
                registers + other.registers,
                classToken + other.classToken,
                sinks + other.sinks,
                patches + other.patches);
    }

    /** A multiple. */
    AttentionMass times(double factor) {
        return new AttentionMass(
                outliers * factor, registers * factor, classToken * factor, sinks * factor, patches * factor);
    }
}
