// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class BatchOrderTest {
    @Test
    void eachEpochVisitsEverySampleOnce() {
        BatchOrder order = new BatchOrder(17, 3);
        for (int epoch = 0; epoch < 4; epoch++) {
            int[] visited = order.samplesAt(epoch * 17L, 17);
            Arrays.sort(visited);
            assertArrayEquals(IntStream.range(0, 17).toArray(), visited);
        }
    }

    @Test
    void epochsAndSeedsHaveOrdersOfTheirOwn() {
        BatchOrder order = new BatchOrder(50, 3);
        int[] first = order.samplesAt(0, 50);
        assertFalse(Arrays.equals(first, order.samplesAt(50, 50)));
        assertFalse(Arrays.equals(first, new BatchOrder(50, 4).samplesAt(0, 50)));
    }

    @Test
    void aFreshOrderGoesOnWhereAnotherStopped() {
        BatchOrder whole = new BatchOrder(10, 5);
        int[] uninterrupted = whole.samplesAt(0, 45);
        assertArrayEquals(Arrays.copyOfRange(uninterrupted, 23, 45), new BatchOrder(10, 5).samplesAt(23, 22));
        assertEquals(uninterrupted[3], whole.sampleAt(3));
    }

    @Test
    void allOrdersAreEquallyLikely() {
        int[] counts = new int[3];
        for (int seed = 0; seed < 3000; seed++) {
            counts[new BatchOrder(3, seed).sampleAt(0)]++;
        }
        for (int count : counts) {
            assertEquals(1000, count, 100); // 3.9 standard deviations; seeds are fixed
        }
    }

    @Test
    void badArgumentsAreRefused() {
        assertEquals(
                "samples: expected 1 or more, got 0",
                assertThrows(IllegalArgumentException.class, () -> new BatchOrder(0, 1))
                        .getMessage());
        assertEquals(
                "position: expected 0 or more, got -1",
                assertThrows(IllegalArgumentException.class, () -> new BatchOrder(2, 1).sampleAt(-1))
                        .getMessage());
    }
}
