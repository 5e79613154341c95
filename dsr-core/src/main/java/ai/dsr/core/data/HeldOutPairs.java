// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import ai.dsr.core.random.RandomStream;
import ai.dsr.core.random.SeedTree;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.IntStream;

/**
 * Combinations of object and style that training never sees, although it sees the object in other styles and the style
 * on other objects: what shows whether a model composes or recalls.
 *
 * <p>The object is the sample's split key, the style the part of its id before the first slash, such as {@code noto} of
 * {@code noto/red-apple}. A share of the training objects that come in two styles or more loses one of them; which ones
 * is a function of the key and the styles present.
 */
public final class HeldOutPairs {
    private static final SeedTree KEYS = SeedTree.of(0).child("hold-out-pairs");

    private final BitSet heldOut = new BitSet();

    private HeldOutPairs() {}

    /**
     * The pairs of a data set.
     *
     * @param share share of objects that lose a style, in [0, 1)
     */
    public static HeldOutPairs of(ImageDataset data, double share) {
        if (!(share >= 0 && share < 1)) {
            throw new IllegalArgumentException("held_out_pairs: expected a share in [0, 1), got " + share);
        }
        Map<String, List<Integer>> drawings = new TreeMap<>();
        for (int i : data.indices(Split.TRAIN)) {
            drawings.computeIfAbsent(data.splitKey(i), key -> new ArrayList<>()).add(i);
        }
        HeldOutPairs pairs = new HeldOutPairs();
        drawings.forEach((key, samples) -> pairs.choose(data, key, samples, share));
        return pairs;
    }

    private void choose(ImageDataset data, String key, List<Integer> samples, double share) {
        List<String> styles =
                samples.stream().map(i -> style(data, i)).distinct().sorted().toList();
        RandomStream random = KEYS.child(key).stream();
        if (styles.size() > 1 && random.nextUniform() < share) {
            String chosen = styles.get(random.nextInt(styles.size()));
            samples.stream().filter(i -> style(data, i).equals(chosen)).forEach(heldOut::set);
        }
    }

    /** The style of a sample; empty if its id has no folder. */
    public static String style(ImageDataset data, int index) {
        String id = data.id(index);
        return id.substring(0, Math.max(id.indexOf('/'), 0));
    }

    /** Whether a sample is one of a pair that is held out. */
    public boolean includes(int index) {
        return heldOut.get(index);
    }

    /** The samples of held-out pairs, ascending. */
    public List<Integer> indices() {
        return heldOut.stream().boxed().toList();
    }

    /** The samples of {@code indices} that are not held out. */
    public int[] without(int[] indices) {
        return IntStream.of(indices).filter(i -> !heldOut.get(i)).toArray();
    }
}
