// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import java.util.List;

/**
 * Ways to say a caption, such as {@code a drawing of {name}, {style}}.
 *
 * <p>A template may use {@code {caption}} for the whole, {@code {name}} for what stands before its last comma, and
 * {@code {style}} for what follows. Without a comma the name is the whole caption and there is no style.
 *
 * @param templates one or more
 */
public record CaptionTemplates(List<String> templates) {
    private static final String CAPTION = "{caption}";
    private static final String NAME = "{name}";
    private static final String STYLE = "{style}";
    private static final String COMMA = ", ";

    /** The caption as it is. */
    public static final CaptionTemplates PLAIN = new CaptionTemplates(List.of(CAPTION));

    /** Checks that each template says something of the caption. */
    public CaptionTemplates {
        templates = List.copyOf(templates);
        if (templates.isEmpty()) {
            throw new IllegalArgumentException("templates: expected one or more, got none");
        }
        for (String template : templates) {
            if (!template.contains(CAPTION) && !template.contains(NAME)) {
                throw new IllegalArgumentException(
                        "templates: expected {caption} or {name} in each, got \"" + template + "\"");
            }
        }
    }

    /** Number of templates. */
    public int size() {
        return templates.size();
    }

    /** The caption said in the way of template {@code index}. */
    public String apply(int index, String caption) {
        int comma = caption.lastIndexOf(COMMA);
        String name = comma < 0 ? caption : caption.substring(0, comma);
        String style = comma < 0 ? "" : caption.substring(comma + COMMA.length());
        return templates
                .get(index)
                .replace(CAPTION, caption)
                .replace(NAME, name)
                .replace(STYLE, style)
                .strip();
    }

    /** The template that a uniform draw in [0, 1) picks. */
    public int pick(float uniform) {
        return Math.min((int) (uniform * size()), size() - 1);
    }
}
