// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.dsr.dit.transport.NamedOption;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** What an SDE does after the last noisy step, at the time T where its interval ends. */
public enum LastStep implements NamedOption {
    /** Nothing; the last step size counts as 0. */
    NONE("none"),
    /** A step without noise along the drift of the SDE. */
    MEAN("Mean"),
    /** The expected data, by the formula of Tweedie: {@code (x + sigma^2 score) / alpha}. */
    TWEEDIE("Tweedie"),
    /** A step along the drift of the ODE. */
    EULER("Euler");

    private final String label;

    LastStep(String label) {
        this.label = label;
    }

    /**
     * The option of a spelling.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static LastStep of(String text) {
        return NamedOption.parse("last_step", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
