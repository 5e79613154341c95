// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class NumpyRandomTest {
    @Test
    void aPermutationIsThatOfNumpy() {
        // numpy.random.RandomState(0).permutation(10), as in NumPy's documentation of seeds and many tutorials
        assertArrayEquals(new int[] {2, 8, 4, 9, 1, 6, 7, 3, 0, 5}, new NumpyRandom(0).permutation(10));
    }

    @Test
    void aChoiceIsTheBeginningOfAPermutation() {
        int[] choice = new NumpyRandom(7).choice(100, 12);
        assertArrayEquals(Arrays.copyOf(new NumpyRandom(7).permutation(100), 12), choice);
        assertEquals(12, Arrays.stream(choice).distinct().count());
    }

    @Test
    void drawsGoOnBeyondOneStateOfTheGenerator() {
        NumpyRandom random = new NumpyRandom(1);
        int[] many = random.permutation(2000); // more draws than the 624 words of the state
        assertEquals(2000, Arrays.stream(many).distinct().count());
        assertEquals(0, random.permutation(0).length);
        assertArrayEquals(new int[] {0}, random.permutation(1));
    }

    @Test
    void moreThanThereIsIsRefused() {
        assertEquals(
                "choice: expected at most 3 different numbers, got 4",
                assertThrows(IllegalArgumentException.class, () -> new NumpyRandom(0).choice(3, 4))
                        .getMessage());
    }
}
