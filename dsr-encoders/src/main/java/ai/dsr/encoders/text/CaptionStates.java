// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

/** What a model is conditioned on for one caption: the states of its tokens, without padding, and the pooled vector. */
public final class CaptionStates {
    private final int length;
    private final float[] states;
    private final float[] pooled;

    /**
     * Wraps values without copying them.
     *
     * @param length number of tokens T, 1 or more
     * @param states {@code (T, D)} row by row
     * @param pooled {@code (P)}
     */
    public CaptionStates(int length, float[] states, float[] pooled) {
        if (length < 1 || states.length % length != 0) {
            throw new IllegalArgumentException(
                    "states: expected " + length + " rows of one width, got " + states.length + " numbers");
        }
        this.length = length;
        this.states = states;
        this.pooled = pooled;
    }

    /** Number of tokens T. */
    public int length() {
        return length;
    }

    /** The width D of a state. */
    public int width() {
        return states.length / length;
    }

    /** The width P of the pooled vector. */
    public int pooledWidth() {
        return pooled.length;
    }

    /** Copies the states to {@code target} from {@code offset}, row by row. */
    public void copyStates(float[] target, int offset) {
        System.arraycopy(states, 0, target, offset, states.length);
    }

    /** Copies the pooled vector to {@code target} from {@code offset}. */
    public void copyPooled(float[] target, int offset) {
        System.arraycopy(pooled, 0, target, offset, pooled.length);
    }
}
