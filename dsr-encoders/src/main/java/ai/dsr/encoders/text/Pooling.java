// SPDX-License-Identifier: Apache-2.0
package ai.dsr.encoders.text;

import java.util.Arrays;

/** How one vector comes from the states of a caption. */
public enum Pooling {
    /** The mean over the tokens that are no padding, special tokens included. */
    MEAN,
    /** The mean, divided by its Euclidean norm, as sentence encoders are trained. */
    MEAN_UNIT,
    /** The state of the first token, such as BERT's {@code [CLS]}. */
    FIRST,
    /** The state of the last token that is no padding, such as the end token of CLIP and of causal models. */
    LAST,
    /** The network's own pooled output. */
    MODEL;

    private static final double LEAST_NORM = 1e-12;

    /**
     * Pools the states of a caption.
     *
     * @throws IllegalArgumentException if the network's own output is asked for and it has none
     */
    float[] pool(TokenizedCaption tokens, TextModel.Output output) {
        float[] states = output.states();
        int width = states.length / tokens.length();
        return switch (this) {
            case MEAN -> mean(tokens, states, width);
            case MEAN_UNIT -> unit(mean(tokens, states, width));
            case FIRST -> Arrays.copyOf(states, width);
            case LAST -> {
                int last = tokens.lastValid();
                yield Arrays.copyOfRange(states, last * width, (last + 1) * width);
            }
            case MODEL -> {
                if (output.pooled() == null) {
                    throw new IllegalArgumentException(
                            "text.encoder.pooling: expected mean, mean_unit, first or last, got model; the network"
                                    + " has no pooled output, or text.encoder.pooled_output does not name it");
                }
                yield output.pooled();
            }
        };
    }

    private static float[] mean(TokenizedCaption tokens, float[] states, int width) {
        double[] sum = new double[width];
        for (int row = 0; row < tokens.length(); row++) {
            for (int i = 0; tokens.isValid(row) && i < width; i++) {
                sum[i] += states[row * width + i];
            }
        }
        float[] mean = new float[width];
        for (int i = 0; i < width; i++) {
            mean[i] = (float) (sum[i] / tokens.validLength());
        }
        return mean;
    }

    /** The vector divided by its Euclidean norm. */
    static float[] unit(float[] vector) {
        double square = 0;
        for (float value : vector) {
            square += (double) value * value;
        }
        double norm = Math.max(Math.sqrt(square), LEAST_NORM);
        float[] unit = new float[vector.length];
        for (int i = 0; i < unit.length; i++) {
            unit[i] = (float) (vector[i] / norm);
        }
        return unit;
    }
}
