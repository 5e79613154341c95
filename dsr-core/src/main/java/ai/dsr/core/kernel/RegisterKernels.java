// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.kernel;

import ai.djl.ndarray.NDArray;
import com.fasterxml.jackson.annotation.JsonProperty;

/** Operators of test-time registers and of outlier statistics. */
public final class RegisterKernels {
    private RegisterKernels() {}

    /** What happens to the neurons' values in rows that are neither kept nor registers. */
    public enum Fill {
        /** They become 0. */
        @JsonProperty("zero")
        ZERO(0),
        /** They become each neuron's mean over these rows. */
        @JsonProperty("mean")
        MEAN(1),
        /** Values above mean + standard deviation (unbiased) become the mean. */
        @JsonProperty("only_outliers")
        ONLY_OUTLIERS(2),
        /** They stay. */
        @JsonProperty("same")
        SAME(3);

        private final int code;

        Fill(int code) {
            this.code = code;
        }
    }

    /**
     * Moves the activation of some neurons onto the last rows.
     *
     * <p>The peak m of a sample is its value of largest magnitude over all rows and all the neurons, with its sign; a tie
     * takes the smaller value. Register row i becomes {@code m scales[i]} in each of the neurons.
     *
     * @param activation {@code (B, T, F)}
     * @param neurons {@code (S)} int64, distinct, S at least 1
     * @param scales {@code (R)}, R from 1 to T
     * @param kept rows at the front that never change
     * @param fill what the rows between become
     * @param isSequential whether m is looked for anew before each register, with those written before it
     * @return {@code (B, T, F)}
     */
    public static NDArray moveToRegisters(
            NDArray activation, NDArray neurons, NDArray scales, int kept, Fill fill, boolean isSequential) {
        long rows = activation.getShape().get(1);
        long registers = scales.getShape().get(0);
        if (registers < 1 || registers > rows) {
            throw new IllegalArgumentException(
                    "scales: expected 1 to " + rows + " registers for as many rows, got " + registers);
        }
        return ScriptModule.call(
                "move_to_registers",
                activation,
                neurons,
                scales,
                ScriptModule.scalar(kept),
                ScriptModule.scalar(fill.code),
                ScriptModule.scalar(isSequential ? 1 : 0));
    }

    /** The mean over the rows of {@code x (B, T, D)} as a first row: {@code (B, 1 + T, D)}. */
    public static NDArray prependMean(NDArray x) {
        return ScriptModule.call("prepend_mean", x);
    }

    /**
     * The mean magnitude of each neuron over some rows. Rows are added in their order for every neuron, so that neurons
     * of equal activation have scores that are equal to the bit.
     *
     * @param activation {@code (T, F)}
     * @param rows {@code (k)} int64, k at least 1
     * @return {@code (F)} float64
     */
    public static NDArray meanMagnitude(NDArray activation, NDArray rows) {
        return ScriptModule.call("outlier_score", activation, rows);
    }

    /**
     * Keeps the scores of neurons that are mostly silent.
     *
     * @param scores {@code (F)}
     * @param activation {@code (T, F)}
     * @param limit a value is silent if it is below this, with its sign
     * @param floor the fewest silent rows that a neuron needs to keep its score
     * @return {@code (F)}: the score, or 0
     */
    public static NDArray sparseOnly(NDArray scores, NDArray activation, double limit, double floor) {
        return ScriptModule.call(
                "sparse_score", scores, activation, ScriptModule.scalar(limit), ScriptModule.scalar(floor));
    }

    /** Median along the last axis, without that axis: of an even count the mean of the two middle values. */
    public static NDArray median(NDArray x) {
        return ScriptModule.call("middle_median", x);
    }
}
