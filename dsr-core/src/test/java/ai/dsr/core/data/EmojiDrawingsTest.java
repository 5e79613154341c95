// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import ai.dsr.core.run.Progress;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class EmojiDrawingsTest {
    private static final EmojiConfig SMALL = new EmojiConfig(List.of("fluent-emoji-flat"), 8, false, false);

    @Test
    void drawingsAreTheSamplesOfTheRenderedSet(@TempDir Path cache) {
        EmojiIcons rendered = EmojiIcons.load(SMALL, cache, (task, total) -> Progress.silent());
        EmojiDrawings drawings = EmojiDrawings.of(SMALL);
        assertEquals(rendered.size(), drawings.size());
        assertEquals(rendered.classNames(), drawings.classNames());
        assertEquals(rendered.fingerprint(), drawings.fingerprint());
        assertEquals(rendered.name(), drawings.name());
        for (int i : new int[] {0, 17, drawings.size() - 1}) {
            assertEquals(rendered.get(i), drawings.get(i));
            assertEquals(rendered.id(i), drawings.id(i));
            assertEquals(rendered.caption(i), drawings.caption(i));
            assertEquals(rendered.splitKey(i), drawings.splitKey(i));
        }
        assertEquals(rendered.indices(Split.HELD_OUT), drawings.indices(Split.HELD_OUT));
    }

    @Test
    void anySizeIsDrawn() {
        EmojiDrawings large = EmojiDrawings.of(SMALL.withSize(300));
        assertEquals(300, large.get(5).image().width());
        assertNotEquals(EmojiDrawings.of(SMALL).fingerprint(), large.fingerprint());
    }
}
