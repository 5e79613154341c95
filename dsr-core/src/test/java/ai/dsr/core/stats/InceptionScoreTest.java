// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.stats;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class InceptionScoreTest {
    private static final FeatureRows ONE_HOT = FeatureRows.of(new double[] {1, 0, 0, 0, 1, 0, 0, 0, 1}, 3);

    @Test
    void certainAndVariedImagesScoreTheNumberOfClasses() {
        assertEquals(3, InceptionScore.adm(ONE_HOT, 5000).mean(), 1e-12); // zeros count nothing
    }

    @Test
    void aRunOfOneImageScoresOneAndWeighsAsMuchAsTheOthers() {
        InceptionScore score = InceptionScore.adm(ONE_HOT, 2);
        assertArrayEquals(new double[] {2, 1}, score.splitScores(), 1e-12);
        assertEquals(1.5, score.mean(), 1e-12);
        assertEquals(0.5, score.std(), 1e-12);
    }

    @Test
    void logitsOfAnySizeGiveProbabilities() {
        FeatureRows logits = FeatureRows.of(new double[] {1e4, 0, -1e4, 0, 0, 0}, 3);
        double[] p = InceptionScore.softmax(logits).rows(0, 2);
        assertArrayEquals(new double[] {1, 0, 0, 1 / 3.0, 1 / 3.0, 1 / 3.0}, p, 1e-15);
    }

    @Test
    void aPermutationMovesImagesBetweenSplits() {
        FeatureRows logits = FeatureRows.of(new double[] {50, 0, 50, 0, 0, 50, 0, 50}, 2);
        assertArrayEquals(
                new double[] {1, 1},
                InceptionScore.torchFidelity(logits, 2, null).splitScores(),
                1e-12);
        InceptionScore mixed = InceptionScore.torchFidelity(logits, 2, new int[] {0, 2, 1, 3});
        assertArrayEquals(new double[] {2, 2}, mixed.splitScores(), 1e-12);
    }

    @Test
    void badInputIsNamed() {
        assertEquals(
                "isc_splits: expected 1 to the number of images (3), got 4",
                assertThrows(IllegalArgumentException.class, () -> InceptionScore.torchFidelity(ONE_HOT, 4, null))
                        .getMessage());
        assertEquals(
                "permutation: expected 3 places, got 2",
                assertThrows(
                                IllegalArgumentException.class,
                                () -> InceptionScore.torchFidelity(ONE_HOT, 1, new int[] {0, 1}))
                        .getMessage());
        assertThrows(IllegalArgumentException.class, () -> InceptionScore.adm(ONE_HOT, 0));
    }
}
