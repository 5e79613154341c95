// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * Token norms of one layer over all images, and where its attention goes.
 *
 * @param layer what the layer is called, {@code block 3} for one
 * @param tokens how many tokens were measured
 * @param min smallest norm
 * @param p05 norm that 5 of 100 tokens do not exceed
 * @param median mean of the two middle norms
 * @param p95 norm that 95 of 100 do not exceed
 * @param p99 norm that 99 of 100 do not exceed
 * @param max largest norm
 * @param meanRatio mean over images of largest norm over median
 * @param maxRatio the largest of these
 * @param outlierRate share of tokens that are outliers, 0 to 1
 * @param imageRate share of images with an outlier, 0 to 1
 * @param positions where outliers are most often, at most {@value #MAX_POSITIONS}
 * @param attention where the layer's attention goes, or null if it was not measured
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record LayerStatistics(
        String layer,
        long tokens,
        double min,
        double p05,
        double median,
        double p95,
        double p99,
        double max,
        double meanRatio,
        double maxRatio,
        double outlierRate,
        double imageRate,
        List<Position> positions,
        AttentionMass attention) {
    static final int MAX_POSITIONS = 16;

    /** Copies the list. */
    public LayerStatistics {
        positions = List.copyOf(positions);
    }

    /**
     * A place of the grid and in how many images there is an outlier.
     *
     * @param row from 0, at the top
     * @param column from 0, at the left
     * @param count images
     */
    public record Position(int row, int column, int count) {}
}
