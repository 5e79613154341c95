// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.dsr.dit.transport.NamedOption;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** Whether sampling follows the flow or adds noise on the way. */
public enum SamplerMode implements NamedOption {
    /** The probability flow: deterministic after the initial noise. */
    ODE("ODE"),
    /** A reverse diffusion: needs noise at each step. */
    SDE("SDE");

    private final String label;

    SamplerMode(String label) {
        this.label = label;
    }

    /**
     * The option of a spelling.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static SamplerMode of(String text) {
        return NamedOption.parse("mode", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
