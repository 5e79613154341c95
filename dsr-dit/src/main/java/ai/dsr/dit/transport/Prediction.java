// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** What the output of a denoiser means. */
public enum Prediction implements NamedOption {
    /** The velocity {@code dx/dt} of the path. */
    VELOCITY("velocity"),
    /** The noise {@code x0}. */
    NOISE("noise"),
    /** The score, the gradient of the log density of {@code x_t}. */
    SCORE("score"),
    /** The data {@code x1}. */
    DATA("data");

    private final String label;

    Prediction(String label) {
        this.label = label;
    }

    /**
     * The option of a spelling.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static Prediction of(String text) {
        return NamedOption.parse("prediction", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
