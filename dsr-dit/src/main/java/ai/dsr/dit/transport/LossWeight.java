// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Weights over time of the noise and score losses; velocity and data losses have none. */
public enum LossWeight implements NamedOption {
    /** One at all times. */
    NONE("none"),
    /** {@code (drift variance / sigma)^2}: the error of the velocity that the output amounts to. */
    VELOCITY("velocity"),
    /** {@code drift variance / sigma^2}: negative on the Linear and GVP paths, whose drift variance is. */
    LIKELIHOOD("likelihood");

    private final String label;

    LossWeight(String label) {
        this.label = label;
    }

    /**
     * The option of a spelling.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static LossWeight of(String text) {
        return NamedOption.parse("loss_weight", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
