// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Sums over the steps since the last line of the log; saved with the state, so that a resumed run logs the same means.
 *
 * @param loss sum of the losses
 * @param gradientNorm sum of the gradient norms
 * @param count number of steps
 * @param terms what the losses are made of, by name; those of an adversary begin with {@code disc_} or {@code logits_}
 */
public record Meter(double loss, double gradientNorm, int count, Map<String, Sum> terms) {
    /** No steps. */
    public static final Meter EMPTY = new Meter(0, 0, 0, Map.of());

    /**
     * Of one term.
     *
     * @param total sum of the values
     * @param count how many
     */
    public record Sum(double total, int count) {
        private Sum plus(Sum other) {
            return new Sum(total + other.total, count + other.count);
        }
    }

    /** Copies the map. */
    public Meter {
        terms = Map.copyOf(terms);
    }

    /** With one more step. */
    public Meter plus(TrainStep.Result result) {
        Map<String, Sum> sums = new LinkedHashMap<>(terms);
        add(sums, result.terms());
        for (TrainStep.Result update : result.adversary()) {
            add(sums, Map.of("disc_loss", update.loss(), "disc_grad_norm", update.gradientNorm()));
            add(sums, update.terms());
        }
        return new Meter(loss + result.loss(), gradientNorm + result.gradientNorm(), count + 1, sums);
    }

    private static void add(Map<String, Sum> sums, Map<String, Double> values) {
        values.forEach((name, value) -> sums.merge(name, new Sum(value, 1), Sum::plus));
    }

    /** Mean loss; NaN without steps. */
    public double meanLoss() {
        return loss / count;
    }

    /** Mean gradient norm; NaN without steps. */
    public double meanGradientNorm() {
        return gradientNorm / count;
    }

    /** Mean of each term over the steps or updates that had it. */
    public Map<String, Double> meanTerms() {
        Map<String, Double> means = new LinkedHashMap<>();
        terms.forEach((name, sum) -> means.put(name, sum.total / sum.count));
        return means;
    }
}
