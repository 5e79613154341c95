// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.random;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class SeedTreeTest {
    /** Recomputed from the description of the tree with integers of any size, outside this project. */
    private static final long[] NOISE_AT_7 = {0xade27e94bc13f64fL, 0x8c30264a1921a588L, 0xb9032ad83c4d1dceL};

    @Test
    void aNamedAndNumberedNodeHasItsGoldenValues() {
        for (int repetition = 0; repetition < 2; repetition++) {
            RandomStream stream = SeedTree.of(42).child("noise").at(7).stream();
            for (long expected : NOISE_AT_7) {
                assertEquals(expected, stream.nextLong());
            }
        }
        assertEquals(
                0.6792372811433578,
                SeedTree.of(42).child("noise").at(7).stream().nextUniform());
    }

    @Test
    void drawsDoNotDependOnWhatElseWasDrawn() {
        SeedTree root = SeedTree.of(3);
        SeedTree node = root.child("labels");
        long expected = node.at(5).stream().nextLong();
        root.stream().nextLong();
        node.stream().normals(10);
        node.at(4).stream().nextLong();

        assertEquals(expected, node.at(5).stream().nextLong());
    }

    @Test
    void tenThousandSiblingsOfEitherKindBeginDifferently() {
        Set<Long> first = new HashSet<>();
        SeedTree root = SeedTree.of(0);
        for (int i = 0; i < 10_000; i++) {
            assertTrue(first.add(root.at(i).stream().nextLong()), "number " + i);
            assertTrue(first.add(root.child("weight." + i).stream().nextLong()), "name " + i);
            assertTrue(first.add(SeedTree.of(i + 1).stream().nextLong()), "seed " + i);
        }
    }

    @Test
    void neighbouringSiblingsAreUncorrelated() {
        SeedTree root = SeedTree.of(8);
        int n = 10_000;
        double products = 0;
        for (int i = 0; i < n; i++) {
            products +=
                    root.at(i).stream().nextNormal() * root.at(i + 1).stream().nextNormal();
        }
        assertEquals(0, products / n, 0.05); // five standard errors
    }

    @Test
    void theOrderOfNamesMatters() {
        SeedTree root = SeedTree.of(8);

        assertNotEquals(
                root.child("a").child("b").stream().nextLong(),
                root.child("b").child("a").stream().nextLong());
        assertNotEquals(
                root.child("ab").stream().nextLong(),
                root.child("a").child("b").stream().nextLong());
    }
}
