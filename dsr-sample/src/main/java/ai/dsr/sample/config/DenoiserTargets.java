// SPDX-License-Identifier: Apache-2.0
package ai.dsr.sample.config;

import ai.dsr.core.config.Config;
import ai.dsr.core.config.ConfigException;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.DiTDH;
import ai.dsr.dit.model.DiTDHConfig;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.model.TextDiTConfig;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Function;

/** The denoisers that a {@code target} can name: a fixed table, so that no file decides which code runs. */
public final class DenoiserTargets {
    private static final Map<String, Function<Config, DiffusionTransformer>> TARGETS = new LinkedHashMap<>();

    static {
        TARGETS.put(
                "stage2.models.lightningDiT.LightningDiT",
                params -> new LightningDiT(params.bind("", DiTConfig.class)));
        TARGETS.put("stage2.models.DDT.DiTwDDTHead", params -> new DiTDH(params.bind("", DiTDHConfig.class)));
        TARGETS.put("stage2.models.textDiT.TextDiT", params -> new TextDiT(params.bind("", TextDiTConfig.class)));
    }

    private DenoiserTargets() {}

    /**
     * A model without memory.
     *
     * @param where what messages call the section, such as {@code x.yaml: stage_2}
     * @throws ConfigException listing the known targets if there is no such one, or naming the key that cannot work
     */
    public static DiffusionTransformer create(String where, Experiment.StageConfig stage) {
        Function<Config, DiffusionTransformer> build = TARGETS.get(stage.target());
        if (build == null) {
            throw new ConfigException(where + ".target: expected one of " + String.join(", ", TARGETS.keySet())
                    + ", got " + stage.target());
        }
        return build.apply(stage.params());
    }
}
