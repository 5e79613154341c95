// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;

/**
 * What a search for register neurons looks for.
 *
 * @param detectLayer block whose output decides which rows are outliers, from 0; negative ones count from the end
 * @param rule when a row is an outlier
 * @param topK how many neurons to take at most
 * @param lowestLayer first layer to take neurons from
 * @param highestLayer last layer to take neurons from; -1 for no limit
 * @param sparsity keeps neurons only that are silent on most rows; null for all
 * @param countsFirstRow whether row 0, the class token or what stands for it, may be an outlier, as in the published code;
 *     a class token that is large by nature would otherwise lead to the neurons that write it
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record NeuronSearchConfig(
        int detectLayer,
        OutlierRule rule,
        int topK,
        int lowestLayer,
        int highestLayer,
        Sparsity sparsity,
        boolean countsFirstRow) {
    /** The highest layer that stands for no limit. */
    public static final int NO_LIMIT = -1;

    /** Checks the values. */
    public NeuronSearchConfig {
        if (topK < 1) {
            throw new IllegalArgumentException("top_k: expected 1 or more, got " + topK);
        }
        if (lowestLayer < 0) {
            throw new IllegalArgumentException("lowest_layer: expected 0 or more, got " + lowestLayer);
        }
        if (highestLayer < NO_LIMIT || (highestLayer != NO_LIMIT && highestLayer < lowestLayer)) {
            throw new IllegalArgumentException("highest_layer: expected -1 for no limit, or at least lowest_layer ("
                    + lowestLayer + "), got " + highestLayer);
        }
    }

    /** Patches only, all layers, no filter. */
    public static NeuronSearchConfig of(int detectLayer, OutlierRule rule, int topK) {
        return new NeuronSearchConfig(detectLayer, rule, topK, 0, NO_LIMIT, null, false);
    }

    /** Whether neurons of a layer may be taken. */
    boolean allows(int layer) {
        return layer >= lowestLayer && (highestLayer == NO_LIMIT || layer <= highestLayer);
    }

    /** The detection layer from 0 of a network with {@code depth} blocks. */
    int detectLayerOf(int depth) {
        if (detectLayer < -depth || detectLayer >= depth) {
            throw new IllegalArgumentException(
                    "detect_outliers_layer: expected " + -depth + " to " + (depth - 1) + ", got " + detectLayer);
        }
        return Math.floorMod(detectLayer, depth);
    }

    /**
     * A filter for neurons that are silent on most rows of an image; others have score 0 there.
     *
     * @param fraction the share of all rows on which a neuron must be silent, 0 to 1
     * @param activation a neuron is silent where its activation is below this, with its sign
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Sparsity(double fraction, double activation) {
        /** Checks the values. */
        public Sparsity {
            if (!(fraction >= 0 && fraction <= 1)) {
                throw new IllegalArgumentException("sparsity_frac_threshold: expected 0 to 1, got " + fraction);
            }
            if (!Double.isFinite(activation)) {
                throw new IllegalArgumentException(
                        "sparsity_activation_threshold: expected a finite number, got " + activation);
            }
        }
    }
}
