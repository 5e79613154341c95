// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

/**
 * Sums over the steps since the last line of the log; saved with the state, so that a resumed run logs the same means.
 *
 * @param loss sum of the losses
 * @param gradientNorm sum of the gradient norms
 * @param count number of steps
 */
public record Meter(double loss, double gradientNorm, int count) {
    /** No steps. */
    public static final Meter EMPTY = new Meter(0, 0, 0);

    /** With one more step. */
    public Meter plus(TrainStep.Result result) {
        return new Meter(loss + result.loss(), gradientNorm + result.gradientNorm(), count + 1);
    }

    /** Mean loss; NaN without steps. */
    public double meanLoss() {
        return loss / count;
    }

    /** Mean gradient norm; NaN without steps. */
    public double meanGradientNorm() {
        return gradientNorm / count;
    }
}
