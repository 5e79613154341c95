// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import java.util.HashSet;
import java.util.List;

/**
 * Which emoji icons, and how large.
 *
 * @param sets names of the icon sets, in the order of the samples
 * @param size side of the square images in pixels, 8 to 1024
 * @param people whether the group "People &amp; Body" takes part
 * @param skinTones whether its skin-tone variants take part as well (more than half of all icons)
 */
public record EmojiConfig(List<String> sets, int size, boolean people, boolean skinTones) {
    /** All sets: Twitter's, Google's, Microsoft's (flat) and OpenMoji. */
    public static final List<String> ALL_SETS = List.of("twemoji", "noto", "fluent-emoji-flat", "openmoji");

    private static final int MIN_SIZE = 8;
    private static final int MAX_SIZE = 1024;

    /** Checks the values. */
    public EmojiConfig {
        sets = List.copyOf(sets);
        if (sets.isEmpty() || !ALL_SETS.containsAll(sets) || new HashSet<>(sets).size() < sets.size()) {
            throw new IllegalArgumentException("sets: expected distinct names among " + ALL_SETS + ", got " + sets);
        }
        if (size < MIN_SIZE || size > MAX_SIZE) {
            throw new IllegalArgumentException(
                    "size: expected " + MIN_SIZE + " to " + MAX_SIZE + " pixels, got " + size);
        }
    }

    /** All four sets without people, 64 pixels: 5,572 icons in 8 groups. */
    public static EmojiConfig defaults() {
        return new EmojiConfig(ALL_SETS, 64, false, false);
    }

    /** The same icons at another size in pixels. */
    public EmojiConfig withSize(int newSize) {
        return new EmojiConfig(sets, newSize, people, skinTones);
    }
}
