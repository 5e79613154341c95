// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class HeldOutPairsTest {
    private static final List<String> STYLES = List.of("noto", "openmoji", "twemoji");

    /** 600 objects in three styles each, the last 100 in one style only. */
    private static ImageDataset data() {
        return new ImageDataset() {
            @Override
            public String name() {
                return "test";
            }

            @Override
            public int size() {
                return 500 * STYLES.size() + 100;
            }

            private int object(int index) {
                return index < 1500 ? index / STYLES.size() : index - 1000;
            }

            @Override
            public String id(int index) {
                String style = index < 1500 ? STYLES.get(index % STYLES.size()) : "noto";
                return style + "/object-" + object(index);
            }

            @Override
            public Sample get(int index) {
                throw new UnsupportedOperationException("images: expected not to be read");
            }

            @Override
            public int label(int index) {
                return 0;
            }

            @Override
            public List<String> classNames() {
                return List.of("all");
            }

            @Override
            public String fingerprint() {
                return "test";
            }

            @Override
            public String splitKey(int index) {
                return "object-" + object(index);
            }
        };
    }

    @Test
    void objectAndStyleOfAHeldOutPairAreBothSeenElsewhere() {
        ImageDataset data = data();
        HeldOutPairs pairs = HeldOutPairs.of(data, 0.2);
        int[] train = data.indices(Split.TRAIN).stream().mapToInt(i -> i).toArray();
        int[] seen = pairs.without(train);
        assertEquals(train.length, seen.length + pairs.indices().size());
        Set<String> objects = new HashSet<>();
        Set<String> styles = new HashSet<>();
        for (int i : seen) {
            objects.add(data.splitKey(i));
            styles.add(HeldOutPairs.style(data, i));
            assertFalse(pairs.includes(i));
        }
        Map<String, Integer> heldPerObject = new HashMap<>();
        for (int i : pairs.indices()) {
            assertTrue(objects.contains(data.splitKey(i)), data.id(i));
            assertTrue(styles.contains(HeldOutPairs.style(data, i)), data.id(i));
            assertTrue(Split.TRAIN.includes(data.splitKey(i)), data.id(i));
            heldPerObject.merge(data.splitKey(i), 1, Integer::sum);
        }
        assertTrue(heldPerObject.values().stream().allMatch(count -> count == 1));
        assertEquals(0.2 * 0.95 * 500, pairs.indices().size(), 25);
    }

    @Test
    void theChoiceIsAFunctionOfTheDataAlone() {
        assertEquals(
                HeldOutPairs.of(data(), 0.1).indices(),
                HeldOutPairs.of(data(), 0.1).indices());
        List<Integer> more = HeldOutPairs.of(data(), 0.3).indices();
        assertTrue(more.containsAll(HeldOutPairs.of(data(), 0.1).indices()), "a larger share only adds");
    }

    @Test
    void noShareHoldsNothingOut() {
        HeldOutPairs none = HeldOutPairs.of(data(), 0);
        assertEquals(List.of(), none.indices());
        int[] all = IntStream.range(0, 10).toArray();
        assertEquals(10, none.without(all).length);
    }

    @Test
    void aShareOutsideTheRangeIsRefused() {
        assertEquals(
                "held_out_pairs: expected a share in [0, 1), got 1.0",
                assertThrows(IllegalArgumentException.class, () -> HeldOutPairs.of(data(), 1))
                        .getMessage());
    }
}
