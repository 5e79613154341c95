// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train;

import ai.dsr.core.config.Config;
import ai.dsr.train.optim.OptimizerConfig;
import ai.dsr.train.optim.TrainingConfig;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;

/** Records from sections of golden cases, by the library's own strict binding. */
final class Sections {
    private static final TrainingConfig ABSENT = TrainingConfig.of(1, 1, OptimizerConfig.defaults());

    private Sections() {}

    /** The training section; sizes of batch and run, which cases need not give, have values of no effect. */
    static TrainingConfig training(ObjectNode section) {
        section.put("global_batch_size", section.path("grad_accum_steps").asInt(1)); // batches come as they are
        return config(section).bind("section", TrainingConfig.class, ABSENT);
    }

    /** A section as a record of any type. */
    static <T extends Record> T bind(JsonNode section, Class<T> type) {
        return config(section).bind("section", type);
    }

    private static Config config(JsonNode section) {
        return Config.parse(
                JsonNodeFactory.instance.objectNode().set("section", section).toString(), "case.json"); // JSON is YAML
    }
}
