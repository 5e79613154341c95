// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.dsr.dit.transport.NamedOption;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The integrators of an SDE. */
public enum SdeMethod implements NamedOption {
    /** Euler-Maruyama, one evaluation a step. */
    EULER("euler"),
    /** The noise first, then the mean of the slopes at both ends: two evaluations a step. */
    HEUN("heun");

    private final String label;

    SdeMethod(String label) {
        this.label = label;
    }

    /**
     * The option of a spelling, which is in lower case: the reference refuses its own default {@code Euler}.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static SdeMethod of(String text) {
        return NamedOption.parseExact("sampling_method", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
