// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SplitTest {
    @Test
    void everyKeyIsOnExactlyOneSide() {
        for (int i = 0; i < 500; i++) {
            String key = "key " + i;
            assertTrue(Split.ALL.includes(key));
            assertNotEquals(Split.TRAIN.includes(key), Split.HELD_OUT.includes(key));
        }
    }

    @Test
    void aboutOneInTwentyIsHeldOut() {
        double heldOut = IntStream.range(0, 10_000)
                .filter(i -> Split.HELD_OUT.includes(Integer.toHexString(i)))
                .count();
        assertEquals(500, heldOut, 80);
    }

    @Test
    void sidesNeverChangeBetweenVersions() {
        // pinned, since a moved sample would leak from training into validation of published checkpoints
        assertFalse(Split.HELD_OUT.includes("1f34e"));
        assertTrue(Split.HELD_OUT.includes("1f304"));
    }
}
