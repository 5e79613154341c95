// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.optim;

import ai.dsr.core.tensor.Precision;

/**
 * The factor of the loss in float16 training, which lifts small gradients over the least float16 number (Micikevicius et
 * al., 2018).
 *
 * <p>It is halved when gradients overflow, and the step is computed again: no batch is lost. After {@value #GROWTH} steps
 * without overflow it is doubled. Always a power of two, so it changes no digit of a gradient. Other precisions have none.
 */
public final class LossScale {
    private static final double START = 65536;
    private static final double LARGEST = 1 << 24;
    private static final int GROWTH = 2000;

    private final boolean isActive;
    private double factor;
    private int goodSteps;

    private LossScale(boolean isActive) {
        this.isActive = isActive;
        factor = isActive ? START : 1;
    }

    /** The scale at the start of training in a precision. */
    public static LossScale of(Precision precision) {
        return new LossScale(precision == Precision.FP16);
    }

    /** What the loss is multiplied and the gradients are divided by; 1 without scaling. */
    public double factor() {
        return factor;
    }

    /** Steps since the last change. */
    public int goodSteps() {
        return goodSteps;
    }

    /** Takes note of gradients that overflowed; returns whether the step is worth another attempt. */
    public boolean shrink() {
        goodSteps = 0;
        if (!isActive || factor <= 1) {
            return false;
        }
        factor /= 2;
        return true;
    }

    /** Takes note of a step whose gradients were finite. */
    public void succeed() {
        if (!isActive) {
            return;
        }
        goodSteps++;
        if (goodSteps >= GROWTH) {
            factor = Math.min(2 * factor, LARGEST);
            goodSteps = 0;
        }
    }

    /** Continues with a stored state; without scaling nothing changes. */
    public void restore(double storedFactor, int storedGoodSteps) {
        if (isActive && storedFactor >= 1) {
            factor = storedFactor;
            goodSteps = storedGoodSteps;
        }
    }
}
