// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.register;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;

/**
 * How a plan was found, so that it can be judged and found again.
 *
 * @param encoder name of the encoder, {@code Dinov2withNormNoReg} for one
 * @param encoderSha256 hash of its weights; null if unknown
 * @param images what was looked at: a folder or a data set
 * @param imageCount how many images
 * @param imageSize side of the images in pixels
 * @param rounds one a pass, in order
 * @param after norms with the finished plan at work
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
public record PlanEvidence(
        String encoder,
        String encoderSha256,
        String images,
        int imageCount,
        int imageSize,
        List<Round> rounds,
        NormSummary after) {
    /** Copies the list. */
    public PlanEvidence {
        rounds = rounds == null ? List.of() : List.copyOf(rounds);
    }

    /** The same with what was looked at. */
    public PlanEvidence of(String name, String sha256, String source, int size) {
        return new PlanEvidence(name, sha256, source, imageCount, size, rounds, after);
    }

    /**
     * One pass.
     *
     * @param settings what the pass looked for
     * @param before norms with the neurons of the passes before at work
     * @param imagesWithOutliers images that had an outlier row and so took part in the scores
     * @param neurons what it found, by rank
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record Round(
            NeuronSearchConfig settings, NormSummary before, int imagesWithOutliers, List<RankedNeuron> neurons) {
        /** Copies the list. */
        public Round {
            neurons = neurons == null ? List.of() : List.copyOf(neurons);
        }
    }

    /**
     * Norms of patch tokens in the detection layer, over all images.
     *
     * @param tokens how many
     * @param median mean of the two middle values
     * @param p99 the norm that 99 of 100 tokens stay below
     * @param max the largest
     * @param outlierRate share of tokens above the threshold, 0 to 1
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    @JsonInclude(JsonInclude.Include.ALWAYS)
    public record NormSummary(long tokens, double median, double p99, double max, double outlierRate) {}
}
