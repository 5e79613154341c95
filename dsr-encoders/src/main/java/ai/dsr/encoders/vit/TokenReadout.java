// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.vit;

/**
 * Which tokens a wrapper takes from its network.
 *
 * @param isNormalized whether the final norm drops its weight and bias
 * @param layerIndex {@link #LAST}, or the hidden state to return as it is: 0 is the input of the first block, L the
 *     output of the last, and below -1 they count from the end (-2 is L - 1); {@code isNormalized} then plays no part.
 *     The last block of a small model has lost the detail that a pixel decoder needs; an earlier one keeps it
 * @param droppedTokens tokens dropped in front of the patches; {@link #PREFIX} for the class token and registers that the
 *     checkpoint has. The reference drops 5 of any checkpoint with registers, also where that is wrong
 */
public record TokenReadout(boolean isNormalized, int layerIndex, int droppedTokens) {
    /** The layer index that asks for the normalised output of the last block. */
    public static final int LAST = -1;

    /** Drops what the checkpoint has in front of its patches. */
    public static final int PREFIX = -1;

    /** The final norm without weight and bias, patches only. */
    public static final TokenReadout NORMALIZED = new TokenReadout(true, LAST, PREFIX);

    /** Checks the number of tokens. */
    public TokenReadout {
        if (droppedTokens < PREFIX) {
            throw new IllegalArgumentException("dropped_tokens: expected 0 or more, got " + droppedTokens);
        }
    }

    /** The same with the final norm as it is stored, or without weight and bias. */
    public TokenReadout withNormalized(boolean normalized) {
        return new TokenReadout(normalized, layerIndex, droppedTokens);
    }

    /** The same of another hidden state. */
    public TokenReadout withLayerIndex(int index) {
        return new TokenReadout(isNormalized, index, droppedTokens);
    }

    /** The same with another number of tokens dropped. */
    public TokenReadout withDroppedTokens(int count) {
        return new TokenReadout(isNormalized, layerIndex, count);
    }
}
