// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

import ai.dsr.core.tensor.Precision;
import ai.dsr.sample.config.Experiment;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine.Option;

/** Options of every command that draws from noise. */
public final class SamplingOptions {
    @Option(names = "--seed", paramLabel = "N", description = "Seed of the noise (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--guidance",
            paramLabel = "SCALE",
            description = "Scale of the bundle's guidance, else of classifier-free guidance; 1 is none (default: the"
                    + " bundle's).")
    private Double guidance;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Points of the time grid, one more than solver steps (default: the bundle's).")
    private Integer steps;

    @Option(
            names = "--solver",
            paramLabel = "NAME",
            description =
                    "euler, midpoint, heun2, heun3, rk4, ab2, dpmpp_2m, dopri5 and so on (default: the bundle's).")
    private String solver;

    @Option(
            names = "--precision",
            paramLabel = "NAME",
            description = "fp32, bf16 or fp16: type of the denoiser's matrix products (default: fp32).")
    private Precision precision = Precision.FP32;

    /** Type of the denoiser's matrix products. */
    public Precision precision() {
        return precision;
    }

    /** The seed of the noise. */
    public long seed() {
        return seed;
    }

    /**
     * An experiment with the sampler and guidance that the options ask for.
     *
     * @throws ai.dsr.core.config.ConfigException if a value of theirs cannot work
     */
    public Experiment apply(Experiment experiment) {
        List<String> overrides = new ArrayList<>();
        if (guidance != null) {
            overrides.add(
                    experiment.has("guidance") ? "guidance.scale=" + guidance : "guidance={scale: " + guidance + "}");
        }
        if (solver != null) {
            overrides.add("sampler.params.sampling_method=" + solver);
        }
        if (steps != null) {
            overrides.add("sampler.params.num_steps=" + steps);
        }
        Experiment changed = experiment.with(overrides);
        if (changed.has("sampler")) { // a decoder's run has none, and is refused later for what it lacks
            changed.sampler();
            changed.guidance();
        }
        return changed;
    }
}
