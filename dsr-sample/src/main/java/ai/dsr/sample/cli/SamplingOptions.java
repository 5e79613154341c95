// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.cli;

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
            description = "Scale of classifier-free guidance; 1 is none (default: the bundle's).")
    private Double guidance;

    @Option(
            names = "--steps",
            paramLabel = "N",
            description = "Points of the time grid, one more than solver steps (default: the bundle's).")
    private Integer steps;

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
