// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.data;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class CaptionTemplatesTest {
    private static final CaptionTemplates TEMPLATES =
            new CaptionTemplates(List.of("{caption}", "a drawing of {name}, {style}", "{name}", "{style} {name}"));

    @Test
    void nameAndStyleAreWhatStandsAroundTheLastComma() {
        String caption = "salt, pepper, noto style";
        assertEquals(caption, TEMPLATES.apply(0, caption));
        assertEquals("a drawing of salt, pepper, noto style", TEMPLATES.apply(1, caption));
        assertEquals("salt, pepper", TEMPLATES.apply(2, caption));
    }

    @Test
    void aCaptionWithoutCommaIsAllName() {
        assertEquals("a red apple", TEMPLATES.apply(2, "a red apple"));
        assertEquals("a red apple", TEMPLATES.apply(3, "a red apple"));
    }

    @Test
    void everyTemplateIsPickedAndNoneBeyond() {
        assertEquals(0, TEMPLATES.pick(0));
        assertEquals(1, TEMPLATES.pick(0.25f));
        assertEquals(3, TEMPLATES.pick(Math.nextDown(1f)));
    }

    @Test
    void aTemplateThatSaysNothingIsRefused() {
        assertEquals(
                "templates: expected {caption} or {name} in each, got \"a picture\"",
                assertThrows(IllegalArgumentException.class, () -> new CaptionTemplates(List.of("a picture")))
                        .getMessage());
        assertEquals(
                "templates: expected one or more, got none",
                assertThrows(IllegalArgumentException.class, () -> new CaptionTemplates(List.of()))
                        .getMessage());
    }
}
