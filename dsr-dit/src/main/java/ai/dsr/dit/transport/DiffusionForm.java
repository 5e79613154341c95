// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.transport;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * How much noise a stochastic sampler adds over time: the diffusion {@code d(t)} in {@code dx = (drift - d score) dt +
 * sqrt(2 d) dW}, walked from noise to data. Any form leaves the distribution of an exact model unchanged.
 */
public enum DiffusionForm implements NamedOption {
    /** The norm at all times. */
    CONSTANT("constant"),
    /** The norm times the path's drift variance, as in score-based diffusion; positive on VP alone. */
    SBDM("SBDM"),
    /** The norm times sigma. */
    SIGMA("sigma"),
    /** The norm times t. */
    LINEAR("linear"),
    /** {@code 0.25 (norm cos(pi (1 - t)) + 1)^2}. */
    DECREASING("decreasing"),
    /** {@code norm sin^2(pi (1 - t))}; the spelling is the established one. */
    INCREASING_DECREASING("inccreasing-decreasing");

    private final String label;

    DiffusionForm(String label) {
        this.label = label;
    }

    /**
     * The form of a spelling.
     *
     * @throws IllegalArgumentException naming all spellings if there is none
     */
    @JsonCreator
    public static DiffusionForm of(String text) {
        return "increasing-decreasing".equals(text)
                ? INCREASING_DECREASING
                : NamedOption.parse("diffusion_form", values(), text);
    }

    @Override
    @JsonValue
    public String label() {
        return label;
    }

    /** The diffusion at {@code t (B)} on a path. */
    public NDArray at(ProbabilityPath path, NDArray t, double norm) {
        return switch (this) {
            case CONSTANT -> t.onesLike().mul(norm);
            case SBDM -> path.driftVariance(t).mul(norm);
            case SIGMA -> path.sigma(t).mul(norm);
            case LINEAR -> t.mul(norm);
            case DECREASING ->
                t.neg().add(1).mul(Math.PI).cos().mul(norm).add(1).square().mul(0.25);
            case INCREASING_DECREASING ->
                t.neg().add(1).mul(Math.PI).sin().square().mul(norm);
        };
    }
}
