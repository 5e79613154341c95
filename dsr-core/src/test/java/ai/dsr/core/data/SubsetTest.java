// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import ai.dsr.core.image.RgbImage;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class SubsetTest {
    /** Ten samples of two classes, the first five of class 0. */
    private static final ImageDataset TEN = new ImageDataset() {
        @Override
        public String name() {
            return "ten";
        }

        @Override
        public int size() {
            return 10;
        }

        @Override
        public Sample get(int index) {
            return new Sample("id" + index, RgbImage.of(1, 1, new byte[3]), label(index), "caption " + index);
        }

        @Override
        public int label(int index) {
            return index / 5;
        }

        @Override
        public List<String> classNames() {
            return List.of("a", "b");
        }

        @Override
        public String fingerprint() {
            return "f";
        }
    };

    @Test
    void samplesAreSpreadOverTheWhole() {
        Subset four = new Subset(TEN, 4);
        assertEquals(
                List.of("id0", "id2", "id5", "id7"),
                IntStream.range(0, 4).mapToObj(four::id).toList());
        assertEquals(
                List.of(0, 0, 1, 1), IntStream.range(0, 4).mapToObj(four::label).toList());
        assertEquals("caption 7", four.get(3).caption());
        assertEquals("id7", four.splitKey(3));
        assertEquals(TEN.classNames(), four.classNames());
        assertNotEquals(new Subset(TEN, 5).fingerprint(), four.fingerprint());
        assertThrows(IndexOutOfBoundsException.class, () -> four.label(4));
        assertEquals(
                "size: expected 1 to 10, got 11",
                assertThrows(IllegalArgumentException.class, () -> new Subset(TEN, 11))
                        .getMessage());
    }
}
