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
    /** Adams and Bashforth's two-step method: second order, one evaluation a step; {@link AdamsBashforthOde}. */
    AB2("ab2"),
    /** DPM-Solver++(2M): second order in the log signal-to-noise ratio, one evaluation a step; {@link DpmSolver}. */
    DPMPP_2M("dpmpp_2m"),
    /** Fifth order with steps chosen by the error, as the three below: {@link AdaptiveOde}. */
    DOPRI5("dopri5"),
    /** Third order. */
    BOSH3("bosh3"),
    /** Second order, three stages. */
    FEHLBERG2("fehlberg2"),
    /** Second order, two stages. */
    ADAPTIVE_HEUN("adaptive_heun");

    private final String label;

    OdeMethod(String label) {
        this.label = label;
    }

    /**
     * The option of a spelling, which is in lower case as in the reference.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static OdeMethod of(String text) {
        return "heun".equals(text) ? HEUN2 : NamedOption.parseExact("sampling_method", values(), text);
    }

    /** Whether the method chooses its own steps. */
    public boolean isAdaptive() {
        return switch (this) {
            case DOPRI5, BOSH3, FEHLBERG2, ADAPTIVE_HEUN -> true;
            case EULER, MIDPOINT, HEUN2, HEUN3, RK4, AB2, DPMPP_2M -> false;
        };
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }
}
