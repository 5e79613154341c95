// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.random.SeedTree;
import java.util.Locale;

/** How classes are dealt out to many images; the class of image i does not depend on how many there are. */
public enum LabelPolicy {
    /** In turn: every class as often as any other, the first ones once more if the number does not divide. */
    EQUAL,
    /** Drawn uniformly for each image. */
    RANDOM;

    /** The classes of {@code count} images among {@code classes}. */
    public int[] deal(int count, int classes, long seed) {
        SeedTree draws = SeedTree.of(seed).child("labels");
        int[] labels = new int[count];
        for (int i = 0; i < count; i++) {
            labels[i] = this == EQUAL ? i % classes : draws.at(i).stream().nextInt(classes);
        }
        return labels;
    }

    /** The name in options and files. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
