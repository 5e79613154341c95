// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * Where the patches of a layer look: shares of their attention, averaged over patches, heads and images; the four add up
 * to 1.
 *
 * @param outliers to patches that are outliers in the layer's input
 * @param registers to registers, trained or added at test time
 * @param classToken to the class token
 * @param patches to the other patches
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record AttentionMass(double outliers, double registers, double classToken, double patches) {
    /** Nothing yet, to add to. */
    static final AttentionMass ZERO = new AttentionMass(0, 0, 0, 0);

    /** The sum of two. */
    AttentionMass plus(AttentionMass other) {
        return new AttentionMass(
                outliers + other.outliers,
                registers + other.registers,
                classToken + other.classToken,
                patches + other.patches);
    }

    /** A multiple. */
    AttentionMass times(double factor) {
        return new AttentionMass(outliers * factor, registers * factor, classToken * factor, patches * factor);
    }
}
