// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.guidance;

import ai.dsr.dit.transport.NamedOption;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** What the prediction is moved away from. */
public enum GuidanceMethod implements NamedOption {
    /** The same model without a label: {@link ClassifierFreeGuidance}. */
    CFG("cfg"),
    /** A worse model with the label: {@link AutoGuidance}. */
    AUTOGUIDANCE("autoguidance");

    private final String label;

    GuidanceMethod(String label) {
        this.label = label;
    }

    /**
     * The method of a spelling.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static GuidanceMethod of(String text) {
        return NamedOption.parse("method", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
