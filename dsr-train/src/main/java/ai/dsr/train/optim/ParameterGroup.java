// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.nn.Weight;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Weights that one AdamW update treats alike.
 *
 * @param members places in the list of weights that train
 * @param rateScale factor on the schedule's learning rate
 * @param weightDecay decoupled decay
 */
public record ParameterGroup(List<Integer> members, double rateScale, double weightDecay) {
    private record Rule(double rateScale, double weightDecay) {}

    /**
     * Sorts weights into groups: each goes to the first entry of {@code optimizer.groups} that names it. Without entries
     * and {@code no_decay_vectors} there is one group, as in the reference.
     *
     * @param weights the weights that train, in order
     * @throws IllegalArgumentException if a pattern names no weight
     */
    public static List<ParameterGroup> of(Map<String, Weight> weights, TrainingConfig training) {
        OptimizerConfig config = training.optimizer();
        requireMatches(config, weights);
        Map<Rule, List<Integer>> groups = new LinkedHashMap<>();
        int place = 0;
        for (Map.Entry<String, Weight> entry : weights.entrySet()) {
            Rule rule = rule(entry.getKey(), entry.getValue(), training);
            groups.computeIfAbsent(rule, unused -> new ArrayList<>()).add(place++);
        }
        List<ParameterGroup> result = new ArrayList<>();
        groups.forEach((rule, members) ->
                result.add(new ParameterGroup(List.copyOf(members), rule.rateScale, rule.weightDecay)));
        return result;
    }

    private static Rule rule(String name, Weight weight, TrainingConfig training) {
        OptimizerConfig config = training.optimizer();
        boolean decays = !config.noDecayVectors() || !(weight.shape().dimension() < 2 || weight.isTable());
        double decay = decays ? config.effectiveWeightDecay() : 0;
        for (ParameterGroupConfig group : config.groups()) {
            if (group.accepts(name)) {
                double scale = group.lr() != null
                        ? group.lr() / LrSchedule.baseRate(training)
                        : group.lrScale() != null ? group.lrScale() : 1;
                return new Rule(scale, group.weightDecay() != null ? group.weightDecay() : decay);
            }
        }
        return new Rule(1, decay);
    }

    private static void requireMatches(OptimizerConfig config, Map<String, Weight> weights) {
        for (ParameterGroupConfig group : config.groups()) {
            for (String pattern : group.match()) {
                if (weights.keySet().stream()
                        .noneMatch(name ->
                                ParameterGroupConfig.glob(pattern).matcher(name).matches())) {
                    throw new IllegalArgumentException("optimizer.groups.match: expected a pattern of weights that"
                            + " train, such as " + weights.keySet().iterator().next() + ", got " + pattern);
                }
            }
        }
    }
}
