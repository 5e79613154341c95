// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.text;

import ai.dsr.core.config.Default;

/**
 * Section {@code text.connector}: how condition rows are read from token states.
 *
 * @param rows condition rows L: one for all image tokens, one each, or a number that divides theirs
 * @param hiddenSize width of the queries
 * @param depth number of blocks
 * @param numHeads attention heads, of which {@code hidden_size} is a multiple
 * @param mlpRatio hidden width of the MLP over {@code hidden_size}
 */
public record TextConnectorConfig(
        @Default("1") int rows,
        @Default("256") int hiddenSize,
        @Default("1") int depth,
        @Default("4") int numHeads,
        @Default("2") double mlpRatio) {

    /** Checks the sizes. */
    public TextConnectorConfig {
        positive("rows", rows);
        positive("hidden_size", hiddenSize);
        positive("depth", depth);
        positive("num_heads", numHeads);
        if (hiddenSize % numHeads != 0) {
            throw new IllegalArgumentException(
                    "hidden_size: expected a multiple of num_heads (" + numHeads + "), got " + hiddenSize);
        }
        if (!(mlpRatio * hiddenSize >= 1)) {
            throw new IllegalArgumentException("mlp_ratio: expected a positive number, got " + mlpRatio);
        }
    }

    private static void positive(String key, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(key + ": expected 1 or more, got " + value);
        }
    }
}
