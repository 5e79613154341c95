// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.inspect;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import ai.dsr.core.image.RgbImage;
import ai.dsr.encoders.register.SortedNorms;
import java.util.List;
import org.junit.jupiter.api.Test;

final class TokenProfileTest {
    private static TokenProfile profile() {
        TokenProfile profile = new TokenProfile(List.of("block 0"), 2, 2);
        profile.add(0, new float[] {1, 2, 3, 4}, new boolean[4]);
        profile.add(0, new float[] {2, 2, 2, 20}, new boolean[] {false, false, false, true});
        return profile;
    }

    @Test
    void statisticsAreOfAllTokensAndRatiosOfEachImage() {
        LayerStatistics s = profile().statistics().get(0);
        assertEquals(8, s.tokens());
        assertEquals(2, s.median());
        assertEquals(1, s.min());
        assertEquals(20, s.max());
        assertEquals(10, s.maxRatio());
        assertEquals((4 / 2.5 + 10) / 2, s.meanRatio(), 1e-12);
        assertEquals(1 / 8.0, s.outlierRate());
        assertEquals(0.5, s.imageRate());
        assertEquals(List.of(new LayerStatistics.Position(1, 1, 1)), s.positions());
        assertNull(s.attention());
        assertEquals(List.of(1, 0), profile().mostExtreme(0, 5));
    }

    @Test
    void attentionIsTheMeanOfImages() {
        TokenProfile profile = profile();
        profile.addAttention(0, new AttentionMass(0.2, 0, 0.4, 0, 0.4));
        profile.addAttention(0, new AttentionMass(0.4, 0.2, 0, 0, 0.4));
        AttentionMass mass = profile.statistics().get(0).attention();
        assertEquals(0.3, mass.outliers(), 1e-12);
        assertEquals(0.1, mass.registers(), 1e-12);
        assertEquals(1, mass.outliers() + mass.registers() + mass.classToken() + mass.patches(), 1e-12);
    }

    @Test
    void normsOfAnotherGridAreRefused() {
        String message = assertThrows(
                        IllegalArgumentException.class, () -> profile().add(0, new float[3], new boolean[3]))
                .getMessage();
        assertEquals("norms: expected 4 of a 2x2 grid, got 3", message);
    }

    @Test
    void quantilesAreNormsThatOccur() {
        SortedNorms norms = new SortedNorms(new float[] {5, 1, 4, 2, 3});
        assertEquals(3, norms.median());
        assertEquals(1, norms.quantile(0));
        assertEquals(1, norms.quantile(0.2));
        assertEquals(2, norms.quantile(0.21));
        assertEquals(5, norms.quantile(1));
        assertArrayEquals(new int[] {2, 3}, norms.histogram(1, 5, 2));
        assertEquals(
                "norms: expected some, got none",
                assertThrows(IllegalArgumentException.class, () -> new SortedNorms(new float[0]))
                        .getMessage());
    }

    @Test
    void aHeatMapRunsFromDarkToLightWithMarksInRed() {
        RgbImage map = HeatMap.of(new float[] {0, 1, 9, 5}, 2, 2, 0, 1, new boolean[] {false, false, false, true});
        assertEquals(0x44, map.get(0, 0, 0));
        assertEquals(0xfd, map.get(1, 0, 0));
        assertEquals(0xfd, map.get(0, 1, 0)); // beyond the scale: the lightest
        assertEquals(0xff, map.get(1, 1, 0));
        assertEquals(0x20, map.get(1, 1, 2));
        int last = -1;
        for (double share = 0; share <= 1; share += 0.05) {
            int color = HeatMap.color(share);
            int light = 299 * (color >> 16) + 587 * (color >> 8 & 0xff) + 114 * (color & 0xff);
            assertTrue(light > last, "lightness at " + share);
            last = light;
        }
    }
}
