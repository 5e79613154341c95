// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

/**
 * One icon of a set before rendering.
 *
 * @param set name of the set
 * @param name name in the set, such as {@code red-apple}
 * @param group one of {@link IconSet#GROUPS}
 * @param key code points without skin tone, such as {@code 1f34e}: the same for all drawings of one emoji
 * @param width width of the drawing in its own units
 * @param height height of the drawing in its own units
 * @param body SVG elements without the outer {@code svg}
 */
record Icon(String set, String name, String group, String key, int width, int height, String body) {
    String id() {
        return set + "/" + name;
    }

    /** The name in words, then the style: {@code red apple, noto style}. */
    String caption() {
        String style = set.replaceFirst("^fluent-emoji", "fluent").replace('-', ' ');
        return name.replace('-', ' ') + ", " + style + " style";
    }
}
