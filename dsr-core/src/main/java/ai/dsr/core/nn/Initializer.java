// SPDX-License-Identifier: Apache-2.0
package ai.dsr.core.nn;

import ai.dsr.core.random.RandomStream;
import java.util.Arrays;

/** The rule of a weight's initial values, as in the papers' released code. */
@FunctionalInterface
public interface Initializer {
    /** Fills all values of a weight in row-major order. */
    void fill(float[] values, RandomStream random);

    /** Every value the same. */
    static Initializer constant(double value) {
        return (values, random) -> Arrays.fill(values, (float) value);
    }

    /** All zeros. */
    static Initializer zeros() {
        return constant(0);
    }

    /** All ones. */
    static Initializer ones() {
        return constant(1);
    }

    /** Normal with mean 0. */
    static Initializer normal(double std) {
        return (values, random) -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (std * random.nextNormal());
            }
        };
    }

    /** Uniform in [-bound, bound). */
    static Initializer uniform(double bound) {
        return (values, random) -> {
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) ((2 * random.nextUniform() - 1) * bound);
            }
        };
    }

    /** A direction: normal numbers, divided by their common length. */
    static Initializer direction() {
        return (values, random) -> {
            double[] drawn = new double[values.length];
            double square = 0;
            for (int i = 0; i < values.length; i++) {
                drawn[i] = random.nextNormal();
                square += drawn[i] * drawn[i];
            }
            for (int i = 0; i < values.length; i++) {
                values[i] = (float) (drawn[i] / Math.sqrt(square));
            }
        };
    }

    /** Xavier-uniform, bound {@code sqrt(6 / (in + out))} (Glorot and Bengio, 2010). */
    static Initializer xavier(long in, long out) {
        return uniform(Math.sqrt(6.0 / (in + out)));
    }

    /** PyTorch's default of linear and convolution layers, bound {@code 1 / sqrt(in)}, for weight and bias. */
    static Initializer fanIn(long in) {
        return uniform(1 / Math.sqrt((double) in));
    }

    /** The given values. */
    static Initializer values(float[] table) {
        return (values, random) -> System.arraycopy(table, 0, values, 0, table.length);
    }
}
