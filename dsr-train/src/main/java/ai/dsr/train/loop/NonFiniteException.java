// SPDX-License-Identifier: Apache-2.0
package ai.dsr.train.loop;

/** A step whose loss or gradient is not finite. The weights are those before the step. */
public final class NonFiniteException extends IllegalStateException {
    private static final long serialVersionUID = 1L;

    private final long step;

    NonFiniteException(long step, String message) {
        super(message);
        this.step = step;
    }

    /** The step, from 0. */
    public long step() {
        return step;
    }
}
