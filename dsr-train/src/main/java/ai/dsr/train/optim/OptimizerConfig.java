// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.config.Default;
import ai.dsr.core.config.NoEffect;
import java.util.List;

/**
 * Section {@code optimizer}.
 *
 * @param type {@code adamw}, the only kind
 * @param lr the learning rate; absent: {@code training.base_lr}, else 2e-4
 * @param betas decay of the moments, a pair or one number for both; absent: {@code beta}, else (0.9, 0.95)
 * @param beta an older name of {@code betas}
 * @param weightDecay decoupled decay of all weights alike; absent: {@code wd}, else 0
 * @param wd an older name of {@code weight_decay}
 * @param eps absent: 1e-8
 * @param baseLr accepted because published files have it, and without effect there too
 * @param groups weights with a rate or decay of their own; none: all alike, as in the reference
 * @param noDecayVectors whether norms, biases and tables fixed by construction are left out of the decay
 */
public record OptimizerConfig(
        @Default("adamw") String type,
        @Default("null") Double lr,
        @Default("null") Object betas,
        @Default("null") Object beta,
        @Default("null") Double weightDecay,
        @Default("null") Double wd,
        @Default("null") Double eps,
        @NoEffect(use = "lr") @Default("null") Double baseLr,
        @Default("[]") List<ParameterGroupConfig> groups,
        @Default("false") boolean noDecayVectors) {

    private static final List<Double> DEFAULT_BETAS = List.of(0.9, 0.95);

    /** Checks the kind. */
    public OptimizerConfig {
        if (!type.equals("adamw")) {
            throw new IllegalArgumentException("type: expected adamw, got " + type);
        }
        pair(betas != null ? betas : beta);
    }

    /** All defaults. */
    public static OptimizerConfig defaults() {
        return new OptimizerConfig("adamw", null, null, null, null, null, null, null, List.of(), false);
    }

    /** The two decay rates in effect. */
    public List<Double> effectiveBetas() {
        return pair(betas != null ? betas : beta);
    }

    /** The weight decay in effect. */
    public double effectiveWeightDecay() {
        return weightDecay != null ? weightDecay : wd != null ? wd : 0;
    }

    /** The eps in effect. */
    public double effectiveEps() {
        return eps != null ? eps : 1e-8;
    }

    private static List<Double> pair(Object value) {
        if (value == null) {
            return DEFAULT_BETAS;
        }
        if (value instanceof Number number) {
            return List.of(number.doubleValue(), number.doubleValue());
        }
        if (value instanceof List<?> list
                && list.size() == 2
                && list.get(0) instanceof Number first
                && list.get(1) instanceof Number second) {
            return List.of(first.doubleValue(), second.doubleValue());
        }
        throw new IllegalArgumentException("betas: expected a number or a pair of numbers, got " + value);
    }
}
