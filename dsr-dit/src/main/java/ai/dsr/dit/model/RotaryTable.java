// SPDX-License-Identifier: Apache-2.0
package ai.dsr.dit.model;

import ai.djl.ndarray.NDArray;
import ai.djl.ndarray.NDManager;
import ai.djl.ndarray.types.Shape;
import ai.dsr.core.tensor.EngineArray;
import java.util.regex.Pattern;

/**
 * Rotary positions of a square grid, with identity rows for registers in front (Su et al., 2021; two-dimensional).
 *
 * <p>Half of a head turns with the token's row, half with its column. Within a half, pair j turns by
 * {@code position * theta^(-2j / (d/2))}. The table is derived from the configuration and never saved.
 */
public final class RotaryTable {
    /** Base of the frequencies in all models. */
    public static final double THETA = 10000;

    private static final Pattern STORED = Pattern.compile("(enc_|dec_)?feat_rope(_incontext)?\\.freqs_(cos|sin)");

    private final int rows;
    private final int pairs;
    private final float[] values; // (rows, pairs, 2)
    private NDManager owner;
    private NDArray array;

    private RotaryTable(int rows, int pairs, float[] values) {
        this.rows = rows;
        this.pairs = pairs;
        this.values = values;
    }

    /** The table of a {@code grid x grid} image for heads of width {@code headWidth}, after {@code registers} rows. */
    public static RotaryTable of(int headWidth, int grid, int registers) {
        return scaled(headWidth, grid, grid, THETA, registers);
    }

    /**
     * A table whose {@code grid} positions a side are spread over {@code [0, extent)}, for a model that was trained on a
     * grid of another size.
     *
     * @throws IllegalArgumentException if the head width is not divisible by 4
     */
    public static RotaryTable scaled(int headWidth, int extent, int grid, double theta, int registers) {
        ConfigChecks.require(headWidth % 4 == 0, "head width", "a multiple of 4 for rotary positions", headWidth);
        int pairs = headWidth / 2;
        float[] values = new float[(registers + grid * grid) * headWidth];
        for (int i = 0; i < registers * headWidth; i += 2) {
            values[i] = 1; // cos of no rotation
        }
        for (int token = 0; token < grid * grid; token++) {
            int row = token / grid;
            double down = (double) row / grid * extent;
            double across = (double) (token - row * grid) / grid * extent;
            int start = (registers + token) * headWidth;
            for (int j = 0; j < pairs / 2; j++) {
                double frequency = Math.pow(theta, -2.0 * j / pairs);
                put(values, start + 2 * j, down * frequency);
                put(values, start + pairs + 2 * j, across * frequency);
            }
        }
        return new RotaryTable(registers + grid * grid, pairs, values);
    }

    private static void put(float[] values, int at, double angle) {
        values[at] = (float) Math.cos(angle);
        values[at + 1] = (float) Math.sin(angle);
    }

    /** The table in which each row serves {@code times} neighbouring tokens. */
    public RotaryTable repeated(int times) {
        int width = 2 * pairs;
        float[] repeated = new float[values.length * times];
        for (int row = 0; row < rows * times; row++) {
            System.arraycopy(values, row / times * width, repeated, row * width, width);
        }
        return new RotaryTable(rows * times, pairs, repeated);
    }

    /** Number of tokens, registers included. */
    public int rows() {
        return rows;
    }

    /** Cosines as in checkpoints, {@code (rows, d)}: each stands twice, for both numbers of its pair. */
    public float[] cosines() {
        return doubled(0);
    }

    /** Sines as in checkpoints, {@code (rows, d)}. */
    public float[] sines() {
        return doubled(1);
    }

    private float[] doubled(int offset) {
        float[] doubled = new float[values.length];
        for (int i = 0; i < values.length; i++) {
            doubled[i] = values[i / 2 * 2 + offset];
        }
        return doubled;
    }

    /**
     * The table {@code (rows, d/2, 2)} on the device of the model whose weights belong to {@code weights}.
     *
     * <p>Made once, in a manager below that of the weights, so that it lives as long as they do even when their manager
     * takes no more arrays.
     */
    public synchronized NDArray on(NDManager weights) {
        if (owner != weights) {
            array = EngineArray.of(weights.newSubManager(), values, new Shape(rows, pairs, 2));
            owner = weights;
        }
        return array;
    }

    /** Whether {@code name} is a rotary table in a published checkpoint: a loader skips it. */
    public static boolean isStored(String name) {
        return STORED.matcher(name).matches();
    }
}
