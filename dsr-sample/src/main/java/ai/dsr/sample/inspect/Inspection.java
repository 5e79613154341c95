// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import ai.dsr.encoders.register.OutlierRule;
import ai.dsr.encoders.register.RegisterPlan;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.annotation.JsonNaming;
import java.util.List;
import java.util.Map;

/**
 * What an inspection found: the file {@code inspection.json}.
 *
 * @param format {@value #FORMAT}
 * @param encoder name of the wrapper, {@code Dinov2withNormNoReg} for one
 * @param source where the encoder came from
 * @param encoderSha256 hash of its weights
 * @param images where the images came from
 * @param imageCount how many
 * @param imageSize their side in pixels
 * @param gridHeight rows of patches
 * @param gridWidth columns of patches
 * @param rule when a token is an outlier
 * @param detectLayer block whose output the summary is about
 * @param before the encoder as it is
 * @param plan what was compared, or null
 * @param after the encoder with the plan, or null
 * @param similarity what the plan does to features, or null
 */
@JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Inspection(
        String format,
        String encoder,
        String source,
        String encoderSha256,
        String images,
        int imageCount,
        int imageSize,
        int gridHeight,
        int gridWidth,
        OutlierRule rule,
        int detectLayer,
        List<LayerStatistics> before,
        PlanSummary plan,
        List<LayerStatistics> after,
        FeatureSimilarity similarity) {
    /** Name and version of the layout. */
    public static final String FORMAT = "dsr-inspection-1";

    /**
     * The plan that was compared.
     *
     * @param digest see {@link RegisterPlan#digest}
     * @param neurons by layer
     * @param numRegisters extra rows
     */
    @JsonNaming(PropertyNamingStrategies.SnakeCaseStrategy.class)
    public record PlanSummary(String digest, Map<String, List<Integer>> neurons, int numRegisters) {
        static PlanSummary of(RegisterPlan plan) {
            return new PlanSummary(plan.digest(), plan.neurons().toJson(), plan.numRegisters());
        }
    }

    /** The detection layer as it is. */
    public LayerStatistics detected() {
        return before.get(detectLayer);
    }

    /** The detection layer with the plan; null without one. */
    public LayerStatistics detectedAfter() {
        return after == null ? null : after.get(detectLayer);
    }
}
