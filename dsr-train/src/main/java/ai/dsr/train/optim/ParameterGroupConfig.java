// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.config.Default;
import com.fasterxml.jackson.annotation.JsonFormat;
import java.util.List;
import java.util.regex.Pattern;

/**
 * An entry of {@code optimizer.groups}: weights with a rate or decay of their own.
 *
 * @param match patterns of weight names, one or several; {@code *} stands for any characters, as in {@code *.bias}
 * @param lr learning rate where the others have the base rate; the schedule scales both alike
 * @param lrScale factor on the learning rate of the others; this or {@code lr}
 * @param weightDecay decoupled decay; absent: that of the optimiser
 */
public record ParameterGroupConfig(
        @JsonFormat(with = JsonFormat.Feature.ACCEPT_SINGLE_VALUE_AS_ARRAY) List<String> match,
        @Default("null") Double lr,
        @Default("null") Double lrScale,
        @Default("null") Double weightDecay) {

    /** Checks what can be checked without a model. */
    public ParameterGroupConfig {
        if (match.isEmpty()) {
            throw new IllegalArgumentException("match: expected at least one pattern, got none");
        }
        if (lr != null && lrScale != null) {
            throw new IllegalArgumentException("lr_scale: expected lr or lr_scale, got both");
        }
        notNegative("lr", lr);
        notNegative("lr_scale", lrScale);
        notNegative("weight_decay", weightDecay);
    }

    private static void notNegative(String key, Double value) {
        if (value != null && !(value >= 0)) {
            throw new IllegalArgumentException(key + ": expected 0 or more, got " + value);
        }
    }

    /** Whether a weight belongs here. */
    boolean accepts(String name) {
        return match.stream().anyMatch(pattern -> glob(pattern).matcher(name).matches());
    }

    static Pattern glob(String pattern) {
        return Pattern.compile(Pattern.quote(pattern).replace("*", "\\E.*\\Q"));
    }
}
