// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.eval;

import ai.dsr.core.stats.DistanceType;
import ai.dsr.core.stats.InceptionScore;
import ai.dsr.core.stats.KernelDistance;
import ai.dsr.core.stats.PrecisionRecall;

/**
 * The choices within the metrics.
 *
 * @param neighbours k of precision and recall
 * @param distance in which numbers their distances are compared
 * @param isFidelity whether the inception score is torch-fidelity's (10 shuffled splits) rather than ADM's (runs of 5000)
 * @param kidSubsets subsets of KID
 * @param kidSubsetSize images in each
 */
public record EvaluationSettings(
        int neighbours, DistanceType distance, boolean isFidelity, int kidSubsets, int kidSubsetSize) {
    /** Three neighbours in float32, ADM's splits, torch-fidelity's subsets. */
    public static final EvaluationSettings DEFAULT = new EvaluationSettings(
            PrecisionRecall.NEIGHBOURS,
            DistanceType.FLOAT32,
            false,
            KernelDistance.SUBSETS,
            KernelDistance.SUBSET_SIZE);

    /** Splits of the inception score, for the spec. */
    String splits() {
        return isFidelity
                ? InceptionScore.FIDELITY_SPLITS + " shuffled splits, seed " + InceptionScore.FIDELITY_SEED
                : "runs of " + InceptionScore.ADM_SPLIT_SIZE;
    }
}
