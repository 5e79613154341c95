// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import java.util.Arrays;

/** What a text encoder says about one caption: a state a token, which tokens count, and one vector for the whole. */
public final class TextFeatures {
    private final TokenizedCaption tokens;
    private final float[] states;
    private final float[] pooled;

    /**
     * Wraps the values of a caption, without copying them.
     *
     * @param tokens T tokens
     * @param states {@code (T, D)} row by row
     * @param pooled the pooled vector
     */
    TextFeatures(TokenizedCaption tokens, float[] states, float[] pooled) {
        this.tokens = tokens;
        this.states = states;
        this.pooled = pooled;
    }

    /** Number of tokens T, padding included. */
    public int length() {
        return tokens.length();
    }

    /** The width D of a state. */
    public int width() {
        return states.length / tokens.length();
    }

    /** Ids and mask. */
    public TokenizedCaption tokens() {
        return tokens;
    }

    /** The state of one token, {@code (D)}. */
    public float[] state(int token) {
        int width = width();
        return Arrays.copyOfRange(states, token * width, (token + 1) * width);
    }

    /** The states of all tokens, row by row. */
    float[] states() {
        return states;
    }

    /** The states of the tokens that are no padding, with the pooled vector. */
    public CaptionStates valid() {
        int width = width();
        float[] valid = new float[tokens.validLength() * width];
        int row = 0;
        for (int i = 0; i < tokens.length(); i++) {
            if (tokens.isValid(i)) {
                System.arraycopy(states, i * width, valid, row++ * width, width);
            }
        }
        return new CaptionStates(row, valid, pooled);
    }

    /** One vector for the whole caption. */
    public float[] pooled() {
        return pooled.clone();
    }
}
