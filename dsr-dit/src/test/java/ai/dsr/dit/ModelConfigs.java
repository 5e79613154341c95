// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit;

import ai.dsr.core.config.Config;
import ai.dsr.dit.model.DiTConfig;
import ai.dsr.dit.model.DiTDH;
import ai.dsr.dit.model.DiTDHConfig;
import ai.dsr.dit.model.DiffusionTransformer;
import ai.dsr.dit.model.LightningDiT;
import ai.dsr.dit.model.TextDiT;
import ai.dsr.dit.model.TextDiTConfig;
import ai.dsr.testkit.ConfigKeys;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/** Models from the configurations of golden cases, by the library's own strict binding. */
final class ModelConfigs {
    /** Keys beside the model's own. */
    private static final List<String> OTHERS =
            List.of("model", "component", "frozen_at_construction", "expected", "calls");

    private ModelConfigs() {}

    static DiffusionTransformer model(ConfigKeys keys) {
        return model(keys.all());
    }

    /** The model that {@code config} names; an unknown key fails. */
    static DiffusionTransformer model(JsonNode config) {
        ObjectNode params = config.deepCopy();
        params.remove(OTHERS);
        ObjectNode root = params.objectNode().set("config", params);
        Config section = Config.parse(root.toString(), "case.json"); // JSON is YAML
        if (config.path("component").asText().equals("denoiser")) {
            return new TextDiT(section.bind("config", TextDiTConfig.class));
        }
        String name = config.get("model").asText();
        return switch (name) {
            case "LightningDiT" -> new LightningDiT(section.bind("config", DiTConfig.class));
            case "DiTwDDTHead" -> new DiTDH(section.bind("config", DiTDHConfig.class));
            default -> throw new IllegalArgumentException("model: expected LightningDiT or DiTwDDTHead, got " + name);
        };
    }
}
