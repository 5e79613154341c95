// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

/** A network from token ids to states, in whatever format it comes. */
interface TextModel extends AutoCloseable {
    /**
     * Runs one caption.
     *
     * @throws IllegalArgumentException if the network cannot take it, such as a length beyond its positions
     */
    Output run(TokenizedCaption tokens);

    @Override
    void close();

    /** What a network gives for one caption. */
    final class Output {
        private final float[] states;
        private final float[] pooled;

        /** States {@code (T, D)} row by row, and the network's own pooled vector or null. */
        Output(float[] states, float[] pooled) {
            this.states = states;
            this.pooled = pooled;
        }

        float[] states() {
            return states;
        }

        float[] pooled() {
            return pooled;
        }
    }
}
