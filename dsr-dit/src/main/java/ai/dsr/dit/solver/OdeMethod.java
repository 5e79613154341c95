// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.solver;

import ai.dsr.dit.transport.NamedOption;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The integrators of an ODE; {@code heun} is another name of {@code heun2}. */
public enum OdeMethod implements NamedOption {
    /** First order, one evaluation a step. */
    EULER("euler"),
    /** Second order, with the slope half a step ahead. */
    MIDPOINT("midpoint"),
    /** Second order, with the mean of the slopes at both ends. */
    HEUN2("heun2"),
    /** Third order, three evaluations a step. */
    HEUN3("heun3"),
    /** Fourth order by the 3/8 rule, four evaluations a step. */
    RK4("rk4"),
    /** Fifth order with steps chosen by the error: {@link Dopri5Ode}. */
    DOPRI5("dopri5");

    private final String label;

    OdeMethod(String label) {
        this.label = label;
    }

    /**
     * The option of a spelling.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static OdeMethod of(String text) {
        return "heun".equalsIgnoreCase(text) ? HEUN2 : NamedOption.parse("sampling_method", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
