// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The interpolations between data and noise; each is a {@link ProbabilityPath}. */
public enum PathType implements NamedOption {
    /** Straight lines: {@code x_t = (1 - t) x1 + t x0}. */
    LINEAR("Linear"),
    /** A quarter circle, which keeps the variance. */
    GVP("GVP"),
    /** The variance-preserving diffusion. */
    VP("VP");

    private final String label;

    PathType(String label) {
        this.label = label;
    }

    /**
     * The option of a spelling.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static PathType of(String text) {
        return NamedOption.parse("path_type", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
