// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import java.util.List;

/**
 * The emoji of {@link EmojiIcons}, each drawn when it is asked for: for a few pictures of any size, where rendering the
 * whole set first would take minutes and gigabytes.
 *
 * <p>Order, ids, captions and classes are those of {@link EmojiIcons}, as long as all icons can be drawn.
 */
public final class EmojiDrawings implements ImageDataset {
    private final EmojiConfig config;
    private final List<Icon> icons;

    private EmojiDrawings(EmojiConfig config, List<Icon> icons) {
        this.config = config;
        this.icons = icons;
    }

    /** The icons of a configuration; nothing is drawn yet. */
    public static EmojiDrawings of(EmojiConfig config) {
        List<Icon> icons = config.sets().stream()
                .flatMap(set -> IconSet.select(set, config).stream())
                .toList();
        return new EmojiDrawings(config, icons);
    }

    @Override
    public String name() {
        return "emoji-" + config.size() + "px";
    }

    @Override
    public int size() {
        return icons.size();
    }

    @Override
    public Sample get(int index) {
        Icon icon = icons.get(index);
        return new Sample(icon.id(), IconRenderer.render(icon, config.size()), label(index), icon.caption());
    }

    @Override
    public int label(int index) {
        return IconSet.GROUPS.indexOf(icons.get(index).group());
    }

    @Override
    public String id(int index) {
        return icons.get(index).id();
    }

    @Override
    public String caption(int index) {
        return icons.get(index).caption();
    }

    @Override
    public List<String> classNames() {
        return config.people() ? IconSet.GROUPS : IconSet.GROUPS.subList(0, IconSet.GROUPS.indexOf(IconSet.PEOPLE));
    }

    @Override
    public String fingerprint() {
        return EmojiIcons.fingerprint(config);
    }

    /** The code points of the emoji without skin tone. */
    @Override
    public String splitKey(int index) {
        return icons.get(index).key();
    }
}
